//! Patterns for names of tests: `*` stands for any characters, everything else for itself.

/// Whether a name matches a pattern as a whole.
pub fn matches(pattern: &str, name: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| name.strip_prefix(first)) else { return false };
    let mut parts: Vec<&str> = parts.collect();
    let Some(last) = parts.pop() else { return rest.is_empty() };
    for part in parts {
        // The earliest match leaves most for the parts that follow.
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn stars_match_anything() {
        for pattern in ["*", "place/*", "*/place-donated", "pl*don*ed", "place/place-donated"] {
            assert!(matches(pattern, "place/place-donated"), "{pattern}");
        }
        for pattern in ["place", "*x*", "inplace/*", "place/place-donated-", "*donated*donated"] {
            assert!(!matches(pattern, "place/place-donated"), "{pattern}");
        }
    }
}
