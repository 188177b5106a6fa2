//! What the exchange says of itself.

use std::collections::HashMap;

/// Values by name and labels, as `/metrics` has them.
#[derive(Debug, Default)]
pub(crate) struct Metrics(HashMap<String, u64>);

impl Metrics {
    /// Reads the text format of Prometheus. Buckets are left out, and so is what is no count: sums of seconds.
    pub(crate) fn read(text: &str) -> Self {
        let lines = text.lines().filter(|line| !line.starts_with('#') && !line.contains("_bucket{"));
        let pairs = lines.filter_map(|line| line.rsplit_once(' '));
        Self(pairs.filter_map(|(name, value)| Some((name.to_owned(), value.parse().ok()?))).collect())
    }

    /// The sum of all values of this name whose labels contain a text; zero when there are none.
    pub(crate) fn sum(&self, name: &str, labels: &str) -> u64 {
        let is_of = |key: &str| key.split('{').next() == Some(name) && key.contains(labels);
        self.0.iter().filter(|(key, _)| is_of(key)).map(|(_, value)| value).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::Metrics;

    #[test]
    fn values_are_summed_over_labels() {
        let metrics = Metrics::read(
            "# TYPE a gauge\na{door=\"x\"} 2\na{door=\"y\"} 3\nab 7\n\nh_bucket{le=\"1\"} 9\nh_sum 0.5\n",
        );
        assert_eq!(metrics.sum("a", ""), 5);
        assert_eq!(metrics.sum("a", "\"y\""), 3);
        assert_eq!((metrics.sum("ab", ""), metrics.sum("h_bucket", ""), metrics.sum("h_sum", "")), (7, 0, 0));
    }
}
