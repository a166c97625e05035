//! Medians and percentiles of many numbers that were counted in groups of nearly the same.

use std::collections::BTreeMap;

/// How many there are of each number.
#[derive(Clone, Debug, Default)]
pub struct Histogram(BTreeMap<i64, i64>);

impl Histogram {
    pub fn add(&mut self, number: i64, times: i64) {
        *self.0.entry(number).or_default() += times;
    }

    pub fn add_all(&mut self, others: &Self) {
        for (number, times) in &others.0 {
            self.add(*number, *times);
        }
    }

    pub fn count(&self) -> i64 {
        self.0.values().sum()
    }

    /// The smallest number that so many percent of all do not exceed. None of none.
    pub fn percentile(&self, percent: i64) -> Option<i64> {
        let rank = (self.count() * percent + 99) / 100;
        let mut below = 0;
        self.0.iter().find_map(|(number, times)| {
            below += times;
            (below >= rank.max(1)).then_some(*number)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_those_of_the_numbers_in_order() {
        let mut all = Histogram::default();
        assert_eq!((all.count(), all.percentile(50)), (0, None));
        for number in [30, 10, 20, 40] {
            all.add(number, 1);
        }
        assert_eq!(
            (all.percentile(50), all.percentile(95), all.percentile(1)),
            (Some(20), Some(40), Some(10))
        );
        all.add(10, 96);
        assert_eq!(
            (all.percentile(50), all.percentile(97), all.percentile(98)),
            (Some(10), Some(10), Some(20))
        );
    }
}
