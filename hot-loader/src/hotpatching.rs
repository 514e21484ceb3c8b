//! Makes Bevy's own `hotpatching` together with `hot` a compile error with a
//! sentence that says so: both put themselves between the executor and a system.
//!
//! A crate cannot ask for another's features. But with `hotpatching` alone
//! `bevy::ecs` has a type `HotPatched`, and a glob import in a block goes before
//! the names outside of it.

/// Stands in where the engine has no such type.
struct HotPatched;

#[diagnostic::on_unimplemented(
    message = "hot-loader's feature `hot` and Bevy's feature `hotpatching` cannot be combined: disable `bevy/hotpatching`",
    label = "both are enabled"
)]
trait WithoutHotpatching {}

impl WithoutHotpatching for HotPatched {}

const _: () = {
    #[expect(
        unused_imports,
        reason = "looked into for one name, which it must not have"
    )]
    use bevy::ecs::*;
    const fn check<T: WithoutHotpatching>() {}
    check::<HotPatched>();
};
