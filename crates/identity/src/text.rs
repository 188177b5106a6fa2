//! Texts that come from outside.

/// The text without control characters, cut at a character so that it has at most `bytes`.
pub(crate) fn bounded(text: &str, bytes: usize) -> String {
    let mut kept = String::with_capacity(text.len().min(bytes));
    for letter in text.chars().filter(|letter| !letter.is_control()) {
        if kept.len() + letter.len_utf8() > bytes {
            break;
        }
        kept.push(letter);
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::bounded;

    #[test]
    fn a_text_is_cut_at_a_character() {
        assert_eq!(bounded("aä\n€b", 3), "aä");
        assert_eq!(bounded("aä\n€b", 6), "aä€");
        assert_eq!(bounded("aä\n€b", 60), "aä€b");
    }
}
