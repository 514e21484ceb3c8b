//! Values of old definitions, written as `mod old`, become values of new ones, written
//! as `mod new` under the same paths.

mod elements;
mod enums;
mod fields;
mod migrations;
mod numbers;
mod serial;
mod stubborn;

use super::{ConvertError, Converted, Converter};
use crate::migration::hot::{Migration, Migrations};
use bevy::reflect::{
    GetTypeRegistration, PartialReflect, Reflect, TypeRegistration, TypeRegistry, Typed,
};
use core::any::TypeId;
use hot_loader_verdict::names::Renames;
use std::sync::Arc;

/// A definition as derived types have it.
trait Defined: Reflect + Typed + GetTypeRegistration {}
impl<T: Reflect + Typed + GetTypeRegistration> Defined for T {}

impl Converter {
    /// Converts a value, with nothing below.
    fn convert(
        &self,
        old: &dyn PartialReflect,
        new: &TypeRegistration,
    ) -> Result<Converted, ConvertError> {
        self.convert_over(None, old, new)
    }
}

/// A converter for two types and what they mention.
fn converter<Old: Defined, New: Defined>(migrations: &Migrations) -> Converter {
    let mut old = TypeRegistry::new();
    old.register::<Old>();
    let mut new = TypeRegistry::new();
    new.register::<New>();
    Converter::new([old, new].map(Arc::new), migrations, Renames::default())
}

fn run<Old: Defined, New: Defined>(
    converter: &Converter,
    old: &Old,
) -> Result<Converted, ConvertError> {
    converter.convert(old.as_partial_reflect(), &New::get_type_registration())
}

/// The new value, what was lost, what began anew.
fn convert<New: Defined>(old: impl Defined) -> (New, Vec<String>, Vec<String>) {
    let Converted { value, notes } = fallible::<New>(old).unwrap();
    (value.take::<New>().unwrap(), notes.lost, notes.defaulted)
}

/// The new value, of which nothing was lost and nothing began anew.
fn exact<New: Defined>(old: impl Defined) -> New {
    let (new, lost, defaulted) = convert(old);
    assert_eq!((lost, defaulted), (vec![], vec![]));
    new
}

fn fallible<New: Defined>(old: impl Defined) -> Result<Converted, ConvertError> {
    fn with<Old: Defined, New: Defined>(old: Old) -> Result<Converted, ConvertError> {
        run::<Old, New>(&converter::<Old, New>(&Migrations::default()), &old)
    }
    with::<_, New>(old)
}

fn error<New: Defined>(old: impl Defined) -> ConvertError {
    fallible::<New>(old).unwrap_err()
}

fn migration<New: Reflect>(
    migrate: impl Fn(&dyn PartialReflect) -> Result<New, String> + Send + Sync + 'static,
) -> (TypeId, Migration) {
    let migrate = move |old: &dyn PartialReflect| -> Result<Box<dyn Reflect>, String> {
        Ok(Box::new(migrate(old)?))
    };
    (TypeId::of::<New>(), Arc::new(migrate))
}
