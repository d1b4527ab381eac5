//! The words that orders are found by. What an order is found by and what is looked for are cut alike, here.
//!
//! Letters that only look different are one (Unicode's normalization form KC, then lower case). Then a text is cut where white space or a
//! control character is, and there wherever something is neither a letter nor a digit, in any script. `SKU-7` gives the words `sku` and `7`, and `sku-7` for those who look for exactly that.

use unicode_normalization::UnicodeNormalization as _;

/// The longest word, in characters; of longer ones, only the beginning counts.
const MAX_CHARS: usize = 128;

/// A stretch of a text without white space, in lower case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// The words in it, at least one: letters and digits only.
    pub words: Vec<String>,
    /// All of it, if it has something between its words.
    pub whole: Option<String>,
}

/// The tokens of a text that have words in them, in their order.
pub fn tokens(text: &str) -> impl Iterator<Item = Token> {
    // An accent that stands alone is a space and an accent in this form: so this comes first.
    let text = normalized(text);
    let tokens: Vec<_> =
        text.split(|c: char| c.is_whitespace() || c.is_control()).filter_map(token).collect();
    tokens.into_iter()
}

fn token(text: &str) -> Option<Token> {
    let between = |c: char| !c.is_alphanumeric();
    let words: Vec<_> = text.split(between).filter(|word| !word.is_empty()).map(bounded).collect();
    let whole = text.trim_matches(between);
    let whole = (!words.is_empty() && whole.contains(between)).then(|| bounded(whole));
    (!words.is_empty()).then_some(Token { words, whole })
}

fn normalized(text: &str) -> String {
    match text.is_ascii() {
        // Form KC is what it is already.
        true => text.to_ascii_lowercase(),
        false => text.nfkc().collect::<String>().to_lowercase(),
    }
}

fn bounded(word: &str) -> String {
    let end = word.char_indices().nth(MAX_CHARS).map_or(word.len(), |(end, _)| end);
    word[..end].to_owned()
}

/// The words of one tenant, as they are kept together with those of all others: each begins with a mark of the tenant, so that to look
/// for the beginning of a word is to look at this tenant's words only. Few tenants share a mark; which order is whose has to be
/// looked at besides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lexicon {
    mark: String,
}

impl Lexicon {
    /// The tenant's words.
    #[must_use]
    pub fn of(tenant: &str) -> Self {
        Self { mark: format!("{:05x}", crc32fast::hash(tenant.as_bytes()) & 0xf_ffff) }
    }

    /// A word, as it is kept.
    #[must_use]
    pub fn word(&self, word: &str) -> String {
        [&self.mark, word].concat()
    }

    /// A whole token, which no word is the beginning of, as it is kept.
    #[must_use]
    pub fn whole(&self, token: &str) -> String {
        [&self.mark, "=", token].concat()
    }
}

/// What is kept, as PostgreSQL reads it in texts of `tsquery`.
#[must_use]
pub fn quoted(kept: &str) -> String {
    format!("'{}'", kept.replace('\\', "\\\\").replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(text: &str) -> Vec<(String, Option<String>)> {
        tokens(text).map(|token| (token.words.join("|"), token.whole)).collect()
    }

    #[test]
    fn texts_are_cut_at_what_is_no_letter_and_no_digit() {
        let whole = |words: &str, whole: &str| (words.to_owned(), Some(whole.to_owned()));
        let plain = |word: &str| (word.to_owned(), None);
        assert_eq!(cut("Red\tSHOES,\u{a0}(size 42)"), ["red", "shoes", "size", "42"].map(plain));
        assert_eq!(cut("SKU-7"), [whole("sku|7", "sku-7")]);
        assert_eq!(
            cut("<Ada.L@example.org>; O'Brien's"),
            [whole("ada|l|example|org", "ada.l@example.org"), whole("o|brien|s", "o'brien's")]
        );
        assert_eq!(cut("Größe ΣΊΓΜΑ 東京 Ёлка ²"), ["größe", "σίγμα", "東京", "ёлка", "2"].map(plain));
        assert_eq!(
            cut("Cafe\u{301} ｔｅａ ﬁsh"),
            ["café", "tea", "fish"].map(plain),
            "however it is written"
        );
        assert_eq!(cut("rock´n´roll"), ["rock", "n", "roll"].map(plain), "these accents come with a space");
        assert_eq!(cut("a\0b\u{1b}c"), ["a", "b", "c"].map(plain));
        for nothing in ["", " ", "-- / !", "\0"] {
            assert_eq!(cut(nothing), [], "{nothing:?}");
        }
    }

    #[test]
    fn ascii_is_cut_as_any_text() {
        let ascii: String = (0..128_u8).map(char::from).collect();
        assert_eq!(normalized(&ascii), ascii.nfkc().collect::<String>().to_lowercase());
    }

    #[test]
    fn words_have_a_longest() {
        let [token] = <[Token; 1]>::try_from(tokens(&"ä".repeat(1_000)).collect::<Vec<_>>()).unwrap();
        assert_eq!(token.words, ["ä".repeat(MAX_CHARS)]);
        let [token] = <[Token; 1]>::try_from(tokens(&"a-".repeat(1_000)).collect::<Vec<_>>()).unwrap();
        assert_eq!((token.words.len(), token.whole.unwrap().len()), (1_000, MAX_CHARS));
    }

    #[test]
    fn words_have_the_mark_of_their_tenant() {
        let words = Lexicon::of("acme");
        assert_eq!(words.mark.len(), 5);
        assert_ne!(words, Lexicon::of("acme2"));
        assert_eq!(words.word("abc"), format!("{}abc", words.mark));
        assert_eq!(words.whole("a-b"), format!("{}=a-b", words.mark));
    }

    #[test]
    fn quotes_and_backslashes_are_kept_from_having_a_meaning() {
        assert_eq!(quoted("=a'b\\c"), "'=a''b\\\\c'");
    }
}
