//! Sockets that have not shown a call's token yet. Anybody may open one, so they are few: in all, and of one address. Those
//! whose upgrade carries the phone company's signature are counted apart: no flood of others keeps a call out.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use platform::http::client_address::one_caller;

use crate::channels::voice::door::Upgrade;

/// Signed ones at once.
const MOST_SIGNED: usize = 1_000;
/// The others: browsers that try the agent out, and servers without the phone company's token.
const MOST_UNSIGNED: usize = 256;
/// Of one address. A browser opens one at a time; an office behind one address has some.
const MOST_OF_ONE: usize = 16;

/// Counts the sockets that wait.
#[derive(Debug, Default)]
pub struct WaitingRoom(Mutex<Counts>);

#[derive(Debug, Default)]
struct Counts {
    signed: usize,
    unsigned: usize,
    of_address: HashMap<IpAddr, usize>,
}

/// A place in the waiting room, for as long as it is held.
#[derive(Debug)]
pub struct Seat {
    room: Arc<WaitingRoom>,
    who: Who,
}

#[derive(Clone, Copy, Debug)]
enum Who {
    Signed,
    Unsigned(Option<IpAddr>),
}

impl WaitingRoom {
    fn lock(&self) -> MutexGuard<'_, Counts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// `None` when there is no place left for such a one.
    pub fn enter(self: &Arc<Self>, upgrade: Upgrade, from: Option<IpAddr>) -> Option<Seat> {
        let mut counts = self.lock();
        let who = if upgrade == Upgrade::Signed {
            if counts.signed >= MOST_SIGNED {
                return None;
            }
            counts.signed += 1;
            Who::Signed
        } else {
            let from = from.map(one_caller);
            let of_address = from.and_then(|from| counts.of_address.get(&from)).copied().unwrap_or(0);
            if counts.unsigned >= MOST_UNSIGNED || of_address >= MOST_OF_ONE {
                return None;
            }
            counts.unsigned += 1;
            if let Some(from) = from {
                counts.of_address.insert(from, of_address + 1);
            }
            Who::Unsigned(from)
        };
        drop(counts);
        Some(Seat {
            room: self.clone(),
            who,
        })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut counts = self.room.lock();
        match self.who {
            Who::Signed => counts.signed -= 1,
            Who::Unsigned(from) => {
                counts.unsigned -= 1;
                if let Some(from) = from
                    && let Some(count) = counts.of_address.get_mut(&from)
                {
                    *count -= 1;
                    if *count == 0 {
                        counts.of_address.remove(&from);
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(last: u8) -> IpAddr {
        IpAddr::from([192, 0, 2, last])
    }

    #[test]
    fn one_address_takes_a_few_places_and_gives_them_back() {
        let room = Arc::new(WaitingRoom::default());
        let mut seats: Vec<_> = std::iter::from_fn(|| room.enter(Upgrade::Unsigned, Some(address(1)))).collect();
        assert_eq!(seats.len(), MOST_OF_ONE);
        assert!(room.enter(Upgrade::SignedWrong, Some(address(1))).is_none());
        assert!(room.enter(Upgrade::Unsigned, Some(address(2))).is_some());
        seats.pop();
        assert!(room.enter(Upgrade::Unsigned, Some(address(1))).is_some());
        drop(seats);
        assert!(room.lock().of_address.is_empty() && room.lock().unsigned == 0);
    }

    #[test]
    fn a_flood_from_everywhere_leaves_the_places_of_signed_ones() {
        let room = Arc::new(WaitingRoom::default());
        let flood: Vec<_> = (0..=255)
            .flat_map(|last| (0..4).map(move |_| Some(address(last))))
            .filter_map(|from| room.enter(Upgrade::Unsigned, from))
            .collect();
        assert_eq!(flood.len(), MOST_UNSIGNED);
        let signed: Vec<_> = std::iter::from_fn(|| room.enter(Upgrade::Signed, Some(address(1)))).collect();
        assert_eq!(signed.len(), MOST_SIGNED);
    }
}
