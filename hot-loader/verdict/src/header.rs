//! Which trait an impl is of, and for which type: read from its header, or from the
//! derive that made it.
//!
//! Must not resolve a name: it says what is written.

/// What is written between `impl` and the body.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Header {
    /// The path of the trait without arguments, such as `std::ops::Drop`.
    pub of_trait: Option<String>,
    /// The last segment of the type's path, unless it is no path.
    pub owner: Option<String>,
}

impl Header {
    /// Reads `impl<T> Go for Vec<T> where …`, formatted in any way.
    pub fn of(text: &str) -> Option<Self> {
        let words = words(text);
        let mut words = words.iter().map(String::as_str).peekable();
        while matches!(words.peek(), Some(&("unsafe" | "default" | "const"))) {
            words.next();
        }
        if words.next() != Some("impl") {
            return None;
        }
        let mut parts: Vec<Vec<&str>> = vec![Vec::new()];
        let mut depth = 0usize;
        let mut previous = "";
        for word in words {
            match word {
                "<" => depth += 1,
                ">" if previous == "-" => {}
                ">" => depth = depth.saturating_sub(1),
                "{" | "where" if depth == 0 => break,
                // `for<'a> Fn(&'a u8)` begins a type.
                "for" if depth == 0 && parts.len() == 1 && parts.iter().any(|p| !p.is_empty()) => {
                    parts.push(Vec::new());
                }
                word if depth == 0 => parts.iter_mut().rev().take(1).for_each(|p| p.push(word)),
                _ => {}
            }
            previous = word;
        }
        let owner = parts.pop().and_then(|words| last_of_path(&words));
        let of_trait = parts.pop().map(|words| {
            let words = words.into_iter();
            words
                .filter(|word| !["!", "const"].contains(word))
                .collect()
        });
        Some(Self { of_trait, owner })
    }
}

/// The last segment of a plain path; `None` of `&T`, `[T]`, `(A, B)`, `dyn T`, `$t`.
fn last_of_path(words: &[&str]) -> Option<String> {
    let is_word = |word: &&str| word.starts_with(|c: char| c.is_alphabetic() || c == '_');
    let plain = words.iter().all(|word| is_word(word) || *word == ":");
    let is_keyword = |word: &&str| matches!(*word, "dyn" | "fn" | "impl" | "mut");
    let plain = plain && !words.iter().any(is_keyword);
    let last = words.last().filter(|word| plain && is_word(word))?;
    Some(last.strip_prefix("r#").unwrap_or(last).to_owned())
}

/// Identifiers, and every other character by itself.
fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut within = false;
    for char in text.chars() {
        let is_word = char.is_alphanumeric() || matches!(char, '_' | '#' | '\'');
        match words.last_mut() {
            Some(word) if within && is_word => word.push(char),
            _ if char.is_whitespace() => {}
            _ => words.push(char.into()),
        }
        within = is_word;
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_tell_trait_and_type() {
        for (text, of_trait, owner) in [
            ("impl Ship", None, Some("Ship")),
            ("impl<T: Go> Ship<T> where T: Copy", None, Some("Ship")),
            ("impl < T > Drop for Any < T >", Some("Drop"), Some("Any")),
            (
                "impl ::core::ops::Drop for super::Free {",
                Some("::core::ops::Drop"),
                Some("Free"),
            ),
            ("unsafe impl Send for Sent", Some("Send"), Some("Sent")),
            ("impl !Send for Sent", Some("Send"), Some("Sent")),
            (
                "impl From<fn(u8) -> u8> for r#type",
                Some("From"),
                Some("type"),
            ),
            ("impl<'a> Go for &'a Ship", Some("Go"), None),
            ("impl Go for (A, B)", Some("Go"), None),
            ("impl Drop for $t", Some("Drop"), None),
            ("impl<const N: usize> Go for [u8; N]", Some("Go"), None),
            ("impl Go for Grid<{ N }>", Some("Go"), Some("Grid")),
        ] {
            let header = Header::of(text).unwrap();
            assert_eq!(header.of_trait.as_deref(), of_trait, "{text}");
            assert_eq!(header.owner.as_deref(), owner, "{text}");
        }
        assert_eq!(Header::of("Clone"), None);
    }
}
