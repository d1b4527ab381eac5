//! A filter as tokens. What they mean together is not known here.

use std::fmt;

use super::FilterError;

/// A token, and the byte of the filter that it starts at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token<'f> {
    pub(super) kind: TokenKind<'f>,
    pub(super) offset: usize,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum TokenKind<'f> {
    /// ASCII letters, digits, underscores and hyphens: a name, a keyword or a value.
    Word(&'f str),
    /// Text in quotes, which are left out.
    Text(String),
    Operator(Operator),
    Dot,
    Open,
    Close,
    End,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Has,
}

/// The operators as they are written, those that others start like first.
const OPERATORS: [(&str, Operator); 7] = [
    ("!=", Operator::NotEqual),
    ("<=", Operator::LessOrEqual),
    (">=", Operator::GreaterOrEqual),
    ("=", Operator::Equal),
    ("<", Operator::Less),
    (">", Operator::Greater),
    (":", Operator::Has),
];

impl fmt::Display for Operator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let written = OPERATORS.iter().find(|(_, operator)| operator == self);
        f.write_str(written.map_or("", |(written, _)| written))
    }
}

impl fmt::Display for TokenKind<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Word(word) => write!(f, "`{word}`"),
            Self::Text(_) => f.write_str("a text"),
            Self::Operator(operator) => write!(f, "`{operator}`"),
            Self::Dot => f.write_str("`.`"),
            Self::Open => f.write_str("`(`"),
            Self::Close => f.write_str("`)`"),
            Self::End => f.write_str("the end"),
        }
    }
}

/// All tokens of a filter; the last one is the only [`TokenKind::End`].
pub(super) fn tokens(filter: &str) -> Result<Vec<Token<'_>>, FilterError> {
    let mut tokens = Vec::new();
    let mut offset = 0;
    loop {
        let rest = filter[offset..].trim_start();
        offset = filter.len() - rest.len();
        let (kind, length) = next(filter, offset)?;
        let end = kind == TokenKind::End;
        tokens.push(Token { kind, offset });
        if end {
            return Ok(tokens);
        }
        offset += length;
    }
}

/// The token at `offset`, and how many bytes it takes.
fn next(filter: &str, offset: usize) -> Result<(TokenKind<'_>, usize), FilterError> {
    let rest = &filter[offset..];
    let word = rest.find(|c: char| !is_word(c)).unwrap_or(rest.len());
    if word > 0 {
        return Ok((TokenKind::Word(&rest[..word]), word));
    }
    if let Some((written, operator)) = OPERATORS.iter().find(|(written, _)| rest.starts_with(written)) {
        return Ok((TokenKind::Operator(*operator), written.len()));
    }
    match rest.chars().next() {
        None => Ok((TokenKind::End, 0)),
        Some('.') => Ok((TokenKind::Dot, 1)),
        Some('(') => Ok((TokenKind::Open, 1)),
        Some(')') => Ok((TokenKind::Close, 1)),
        Some(quote @ ('"' | '\'')) => text(filter, offset, quote),
        Some(other) => Err(FilterError::new(filter, offset, format!("unexpected {other:?}"))),
    }
}

/// The text in quotes at `offset`. A backslash takes the quote or the backslash after it literally.
fn text(filter: &str, offset: usize, quote: char) -> Result<(TokenKind<'_>, usize), FilterError> {
    let mut text = String::new();
    let mut characters = filter[offset..].char_indices().skip(1);
    while let Some((at, character)) = characters.next() {
        match character {
            '\\' => match characters.next() {
                Some((_, escaped @ ('\\' | '"' | '\''))) => text.push(escaped),
                _ => {
                    let problem = "a backslash must be followed by a quote or a backslash";
                    return Err(FilterError::new(filter, offset + at, problem));
                }
            },
            _ if character == quote => return Ok((TokenKind::Text(text), at + 1)),
            _ => text.push(character),
        }
    }
    Err(FilterError::new(filter, offset, "the text that starts here does not end"))
}

fn is_word(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '_' | '-')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(filter: &str) -> Vec<TokenKind<'_>> {
        tokens(filter).unwrap().into_iter().map(|token| token.kind).collect()
    }

    #[test]
    fn tokens_need_no_space_between_them() {
        use TokenKind::{Close, Dot, End, Open, Text, Word};
        let is = |operator| TokenKind::Operator(operator);
        assert_eq!(kinds(" "), [End]);
        assert_eq!(
            kinds("(total>=\"1 EUR\")"),
            [Open, Word("total"), is(Operator::GreaterOrEqual), Text("1 EUR".into()), Close, End]
        );
        assert_eq!(kinds("a.b-1!=c"), [Word("a"), Dot, Word("b-1"), is(Operator::NotEqual), Word("c"), End]);
        assert_eq!(
            kinds(r#"'it\'s' "\\\"" "ä""#),
            [Text("it's".into()), Text("\\\"".into()), Text("ä".into()), End]
        );
    }

    #[test]
    fn what_is_no_token_is_refused_where_it_stands() {
        for (filter, character, problem) in [
            ("state = PLACED;", 15, "unexpected ';'"),
            ("tags:\"ä\" \u{0}", 10, "unexpected '\\0'"),
            ("channel = \"web", 11, "the text that starts here does not end"),
            ("tags:\"ä\\n\"", 8, "a backslash must be followed by a quote or a backslash"),
            ("\"\\", 2, "a backslash must be followed by a quote or a backslash"),
        ] {
            assert_eq!(tokens(filter), Err(FilterError { character, problem: problem.into() }), "{filter}");
        }
    }
}
