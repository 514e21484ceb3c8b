//! A stand-in for `hot_loader`: its `export!` alone, which names what is exported.
//!
//! Compiled by the test as a crate of its own. Must do nothing.

pub struct HotModule(pub &'static str, pub fn(&mut bevy::app::App));

impl HotModule {
    pub const fn exported(name: &'static str, build: fn(&mut bevy::app::App)) -> Self {
        Self(name, build)
    }
}

#[doc(hidden)]
pub mod __private {
    pub use bevy::app::App;
}

#[macro_export]
macro_rules! export {
    ($plugin:expr $(,)?) => {
        pub const HOT_MODULE: $crate::HotModule = {
            fn entry(app: &mut $crate::__private::App) {
                app.add_plugins($plugin);
            }
            $crate::HotModule::exported(::core::module_path!(), entry)
        };
    };
}
