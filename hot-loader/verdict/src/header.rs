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
        let words = words.iter().map(String::as_str);
        let mut words = words.skip_while(|word| ["unsafe", "default", "const"].contains(word));
        if words.next() != Some("impl") {
            return None;
        }
        let mut head = Vec::new();
        let (mut depth, mut previous) = (0usize, "");
        for word in words {
            match word {
                "<" => depth += 1,
                ">" if previous == "-" => {}
                ">" => depth = depth.saturating_sub(1),
                "{" | "where" if depth == 0 => break,
                word if depth == 0 => head.push(word),
                _ => {}
            }
            previous = word;
        }
        // `for<'a> Fn(&'a u8)` begins a type.
        let end = (1..head.len()).find(|at| head[*at] == "for");
        let owner = last_of_path(&head[end.map_or(0, |end| end + 1)..]);
        let of_trait = end.map(|end| {
            let words = head[..end].iter().copied();
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
    let is_part = |char: &char| char.is_alphanumeric() || matches!(char, '_' | '#' | '\'');
    let chars: Vec<char> = text.chars().collect();
    let words = chars.chunk_by(|one, next| is_part(one) && is_part(next));
    let words = words.filter(|word| !word[0].is_whitespace());
    words.map(String::from_iter).collect()
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
