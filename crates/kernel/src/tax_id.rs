//! Israeli id and company numbers.

/// An Israeli id or company number as its nine digits; `None` when its check digit is wrong.
pub fn tax_id(text: &str) -> Option<String> {
    let digits: String = text.chars().filter(|c| !matches!(c, ' ' | '-')).collect();
    let sound = (1..=9).contains(&digits.len()) && digits.chars().all(|c| c.is_ascii_digit());
    let padded = format!("{digits:0>9}");
    (sound && has_check_digit(&padded)).then_some(padded)
}

/// Weights 1 and 2 in turn from the left of nine digits, sums of digits, a multiple of ten.
fn has_check_digit(nine_digits: &str) -> bool {
    let sum: u32 = nine_digits
        .chars()
        .filter_map(|c| c.to_digit(10))
        .zip([1, 2].into_iter().cycle())
        .map(|(digit, weight)| digit * weight)
        .map(|product| product / 10 + product % 10)
        .sum();
    sum > 0 && sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_check_digit_decides() {
        assert_eq!(tax_id("18").as_deref(), Some("000000018"));
        assert_eq!(tax_id("51-429315 8").as_deref(), Some("514293158"));
        for bad in ["", "0", "123456789", "514293159", "12a", "1234567890", "-"] {
            assert_eq!(tax_id(bad), None, "{bad}");
        }
    }
}
