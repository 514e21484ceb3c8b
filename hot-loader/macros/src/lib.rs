//! The `export!` macro of hot-loader.
use proc_macro::TokenStream;
use quote::quote;
/// Exports a plugin.
#[proc_macro]
pub fn export(input: TokenStream) -> TokenStream {
    let plugin = proc_macro2::TokenStream::from(input);
    quote! {
        /// The module.
        pub const HOT_MODULE: ::hot_loader::HotModule = ::hot_loader::HotModule {
            name: module_path!(),
            build: { fn entry(app: &mut ::hot_loader::__private::App) { app.add_plugins(#plugin); } entry },
        };
    }.into()
}
