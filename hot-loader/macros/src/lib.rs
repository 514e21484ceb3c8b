//! The `export!` macro of hot-loader.
//!
//! In a static build it defines `HOT_MODULE` and nothing else. In a hot build it
//! also embeds the *recipe*, the command line of the very compiler process it
//! runs in (see `capture`), and in a replay of that recipe it defines the entry
//! that the running game looks up in the new library.
//!
//! It must never fail to expand because of who runs it: clippy, rustdoc, test
//! builds and rust-analyzer get a module without a recipe.

#[cfg(feature = "hot")]
mod capture;
#[cfg(feature = "hot")]
#[path = "../../compile/src/walk.rs"]
mod walk;

use proc_macro::TokenStream;
use quote::quote;
use syn::{Expr, Token, parse::ParseStream, parse::Parser};

/// One expression, with an optional comma behind it.
fn exported(input: ParseStream) -> syn::Result<Expr> {
    if input.is_empty() {
        return Err(input.error(
            "`export!` needs the plugin to export, as in `hot_loader::export!(GameplayPlugin);`",
        ));
    }
    let plugin = input.parse()?;
    input.parse::<Option<Token![,]>>()?;
    Ok(plugin)
}

/// Exports this crate's gameplay: defines `pub const HOT_MODULE`, which the game
/// hands to `HotLoaderPlugin::new`.
///
/// The argument is any expression that `App::add_plugins` takes: a plugin, a
/// plugin group, a tuple of plugins, or a `fn(&mut App)`. Write it once, in the
/// root of the gameplay crate.
///
/// ```text
/// hot_loader::export!(GameplayPlugin);
/// ```
#[proc_macro]
pub fn export(input: TokenStream) -> TokenStream {
    let plugin = match exported.parse(input) {
        Ok(plugin) => plugin,
        Err(error) => return error.into_compile_error().into(),
    };
    let entry = quote! {
        fn entry(app: &mut ::hot_loader::__private::App) {
            app.add_plugins(#plugin);
        }
    };
    #[cfg(feature = "hot")]
    let (with_recipe, items) = hot_part();
    #[cfg(not(feature = "hot"))]
    let (with_recipe, items) = (quote! {}, quote! {});
    quote! {
        /// This crate's gameplay, for `HotLoaderPlugin::new`.
        pub const HOT_MODULE: ::hot_loader::HotModule = {
            #entry
            ::hot_loader::HotModule::exported(module_path!(), entry) #with_recipe
        };
        #items
    }
    .into()
}

/// An `Option<&str>`: the library that rustc reads here for an extern crate. For hot-loader
/// itself, which gives it to replays.
#[cfg(feature = "hot")]
#[doc(hidden)]
#[proc_macro]
pub fn library_of(name: TokenStream) -> TokenStream {
    match capture::library_of(&name.to_string()) {
        Some(path) => quote! { Some(#path) },
        None => quote! { None },
    }
    .into()
}

/// What a hot build adds to the expansion: a call that adds the recipe to the
/// module, and the items of a replay.
#[cfg(feature = "hot")]
fn hot_part() -> (proc_macro2::TokenStream, proc_macro2::TokenStream) {
    if !capture::is_replay() {
        // `cfg!` is evaluated in the user's crate: it tells what the recipe's
        // optimisation level decided.
        let recipe = capture::json();
        let recipe = recipe.map(|json| quote! { .with_recipe(#json, cfg!(debug_assertions)) });
        return (recipe.unwrap_or_default(), quote! {});
    }
    // Nothing that changes from build to build of one identity may stand here: two
    // replays of the same sources must be the same code.
    let rows = 0..capture::rows_of_carriers();
    let items = quote! {
        const _: () = {
            #[used]
            #[unsafe(no_mangle)]
            pub static HOT_LOADER_ABI: [u8; ::hot_loader::__private::ABI_LEN] =
                ::hot_loader::__private::ABI;
            #[used]
            #[unsafe(no_mangle)]
            pub static HOT_LOADER_ENTRY: ::hot_loader::__private::ModuleEntry =
                ::hot_loader::__private::ModuleEntry::new(HOT_MODULE, CARRIERS);
            // Other types under each crate identity.
            enum Marker<const ROW: u32> {}
            static CARRIERS: &[::hot_loader::__private::Carriers] =
                &[#(::hot_loader::__private::carriers::<Marker<#rows>>()),*];
        };
    };
    (quote! {}, items)
}
