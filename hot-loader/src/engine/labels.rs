//! The label of a set in a schedule's graph, as a value that lives for ever.
//!
//! The engine interns labels and lends them with the graph's lifetime only.

use bevy::ecs::{
    intern::Interned,
    schedule::{InternedSystemSet, ScheduleGraph, SystemSet, SystemSetKey},
};
use core::mem;

/// The label of the set `key` of `graph`. `None` if there is no such set.
pub fn set_of(graph: &ScheduleGraph, key: SystemSetKey) -> Option<InternedSystemSet> {
    let lent: &dyn SystemSet = graph.system_sets.get(key)?;
    // SAFETY: the graph holds labels as `Interned<dyn SystemSet>`, which is a
    // `&'static`, and `get` dereferences it (bevy_ecs 0.19.1 `schedule/node.rs`,
    // `SystemSets::get`). Were that not so, the lookup below would not find the key,
    // since interned labels are equal by address alone; and then the reference is
    // dropped while `graph` is still borrowed.
    let lengthened: &'static dyn SystemSet = unsafe { mem::transmute(lent) };
    let label: InternedSystemSet = Interned(lengthened);
    (graph.system_sets.get_key(label) == Some(key)).then_some(label)
}

#[cfg(test)]
mod tests {
    use super::*;
    use bevy::ecs::schedule::Schedule;

    #[derive(SystemSet, Clone, Debug, PartialEq, Eq, Hash)]
    struct Numbered(u8);

    #[test]
    fn a_set_has_the_label_it_was_made_with() {
        let mut schedule = Schedule::default();
        schedule.configure_sets((Numbered(1), Numbered(2)));
        let graph = schedule.graph();
        for number in [1, 2] {
            let label = Numbered(number).intern();
            let key = graph.system_sets.get_key(label).unwrap();
            assert_eq!(set_of(graph, key), Some(label));
        }
    }
}
