//! Observers of a generation's functions, made without running what makes them in the game:
//! by the instances of `Observer::new` in its code, found by their symbols.

use crate::{load::Image, panics};

use bevy::ecs::observer::Observer;
use hot_loader_verdict::layouts::{Layouts, Maker, Takes, makes_observers};
use std::sync::Arc;

/// Instances of `Observer::new`.
#[derive(Clone, Debug, Default)]
pub struct FoundMakers(Arc<[(String, usize)]>);

/// An observer that nothing has added yet.
pub struct Made {
    /// The name of its system.
    pub name: String,
    /// Which of the closures of that name it is of.
    pub place: Vec<u32>,
    /// The symbol of what makes it.
    pub symbol: String,
    /// The observer.
    pub observer: Observer,
    /// What makes more of them.
    pub maker: (Takes, usize),
}

impl FoundMakers {
    /// Looks through the symbols of images.
    pub fn of(images: &[&Image]) -> Self {
        let functions = images
            .iter()
            .flat_map(|image| image.functions_with("Observer"));
        let makers = functions.filter(|(symbol, _)| makes_observers(symbol));
        Self(makers.map(|(symbol, at)| (symbol.to_owned(), at)).collect())
    }

    /// One observer of each function and each closure without a value, as far as `layouts`
    /// tells them: what the compiler says of code of this generation's identity.
    pub fn make(&self, layouts: &Layouts) -> Vec<Made> {
        let makers = self.0.iter();
        let made = makers.filter_map(|(symbol, at)| {
            let Maker { takes, place } = layouts.maker(symbol)?;
            let maker = (*takes, *at);
            let observer = again(maker)?;
            let name = observer.system_name().to_string();
            // A pointer to a function is a value: which function is not known.
            (!name.starts_with("fn(")).then(|| Made {
                name,
                symbol: symbol.clone(),
                place: place.clone(),
                observer,
                maker,
            })
        });
        made.collect()
    }
}

impl Made {
    /// One more of them.
    pub fn again(&self) -> Option<Observer> {
        again(self.maker)
    }
}

/// `Observer::new` panics for what no observer can be made of.
fn again((takes, at): (Takes, usize)) -> Option<Observer> {
    let made = match takes {
        Takes::Nothing => {
            // SAFETY: `at` is the address of an instance of `Observer::new`, by its symbol;
            // its argument has no size, says the compiler's debug info, and so is passed as
            // `()` is. Compiler and engine are this process's (`load::check`), and images
            // stay mapped.
            let make = unsafe { core::mem::transmute::<usize, fn(()) -> Observer>(at) };
            panics::attempt(|| make(()))
        }
        Takes::Function => {
            // SAFETY: as above; the argument is a function, of no size, or a pointer to one.
            // A pointer it gets, which it keeps and does not call, and a function leaves the
            // register of the first argument alone.
            let make = unsafe { core::mem::transmute::<usize, fn(fn()) -> Observer>(at) };
            panics::attempt(|| make(|| {}))
        }
    };
    made.ok()
}
