//! The order of the main schedules: as if the new plugin had been built once.

use super::Registered;
use crate::record::Order;
use bevy::ecs::world::World;

/// The new order, if it changes.
pub fn change(world: &World, old: &Registered, new: &Registered) -> Option<Order> {
    let live = Order::of(world)?;
    let [old, new] = [old, new].map(|registered| Order::of(&registered.first.world));
    let (old, new) = (old?, new?);
    (old != new).then(|| Order {
        labels: merge(&live.labels, &old.labels, &new.labels),
        startup: merge(&live.startup, &old.startup, &new.startup),
        fixed: match (&live.fixed, &old.fixed, &new.fixed) {
            (Some(live), Some(old), Some(new)) => Some(merge(live, old, new)),
            _ => None,
        },
    })
}

/// Takes from `live` what is gone from `old` to `new`, and puts what came after what it
/// comes after in `new`: the host may have inserted schedules of its own since.
fn merge<T: Copy + PartialEq>(live: &[T], old: &[T], new: &[T]) -> Vec<T> {
    if live == old {
        return new.to_vec();
    }
    if old == new {
        return live.to_vec();
    }
    // What stands elsewhere now is gone and came.
    let moved = |label: &T| {
        let before = |list: &[T]| {
            let at = list.iter().position(|l| l == label)?;
            let mut earlier = list[..at].iter().rev();
            let stays = earlier.find(|l| old.contains(l) && new.contains(l));
            Some(stays.copied())
        };
        before(old) != before(new)
    };
    let mut merged = live.to_vec();
    merged.retain(|label| !old.contains(label) || (new.contains(label) && !moved(label)));
    for (at, label) in new.iter().enumerate() {
        if merged.contains(label) {
            continue;
        }
        let mut earlier = new[..at].iter().rev();
        let after = earlier.find_map(|before| merged.iter().position(|l| l == before));
        merged.insert(after.map_or(0, |at| at + 1), *label);
    }
    merged
}

#[cfg(test)]
mod tests {
    use super::merge;

    #[test]
    fn what_nobody_else_touched_becomes_the_new_order() {
        assert_eq!(merge(&[1, 2, 3], &[1, 2, 3], &[1, 4, 3]), [1, 4, 3]);
    }

    #[test]
    fn schedules_of_the_host_stay_where_they_are() {
        assert_eq!(
            merge(&[1, 9, 2, 3], &[1, 2, 3], &[1, 2, 4, 3]),
            [1, 9, 2, 4, 3]
        );
        assert_eq!(merge(&[1, 2, 9, 3], &[1, 2, 3], &[1, 3]), [1, 9, 3]);
        assert_eq!(merge(&[9, 1, 2], &[1, 2], &[4, 1, 2]), [4, 9, 1, 2]);
    }

    #[test]
    fn a_schedule_that_moved_moves() {
        assert_eq!(merge(&[1, 2, 3, 9], &[1, 2, 3], &[1, 3, 2]), [1, 3, 2, 9]);
    }
}
