//! Tokens into terms.

use query_application::{Filter, OneOf, Term};

use super::{
    FilterError,
    comparison::{self, Mismatch},
    field::Field,
    lexer::{Token, TokenKind, tokens},
};

/// The longest filter, in bytes.
const MAX_BYTES: usize = 2_048;
/// The most comparisons in a filter.
const MAX_COMPARISONS: usize = 20;

/// The filter that a text stands for. An empty text matches every order.
///
/// # Errors
/// [`FilterError`] naming the first place that makes no sense.
pub(crate) fn parse(filter: &str) -> Result<Filter, FilterError> {
    if filter.len() > MAX_BYTES {
        return Err(FilterError::new(filter, MAX_BYTES, "a filter has at most 2,048 bytes"));
    }
    let mut parser = Parser { filter, tokens: tokens(filter)?, next: 0, comparisons: 0 };
    parser.filter()
}

struct Parser<'f> {
    filter: &'f str,
    tokens: Vec<Token<'f>>,
    next: usize,
    comparisons: usize,
}

impl<'f> Parser<'f> {
    fn filter(&mut self) -> Result<Filter, FilterError> {
        let mut terms = Vec::new();
        if self.take(&TokenKind::End) {
            return Ok(Filter { terms });
        }
        loop {
            terms.push(if self.take(&TokenKind::Open) { self.group()? } else { self.comparison()? });
            if self.take(&TokenKind::End) {
                return Ok(Filter { terms });
            }
            if !self.take(&TokenKind::Word("AND")) {
                return self.unexpected("`AND` or the end");
            }
        }
    }

    /// What follows an opening parenthesis.
    fn group(&mut self) -> Result<Term, FilterError> {
        let mut term = self.comparison()?;
        while self.take(&TokenKind::Word("OR")) {
            let offset = self.peek().offset;
            let other = self.comparison()?;
            term = either(term, other).ok_or_else(|| {
                let problem = "`OR` joins values of one and the same state field, each with `=`";
                FilterError::new(self.filter, offset, problem)
            })?;
        }
        if !self.take(&TokenKind::Close) {
            return self.unexpected("`OR` or `)`");
        }
        Ok(term)
    }

    fn comparison(&mut self) -> Result<Term, FilterError> {
        let start = self.peek().offset;
        self.comparisons += 1;
        if self.comparisons > MAX_COMPARISONS {
            return Err(FilterError::new(self.filter, start, "a filter has at most 20 terms"));
        }
        let field = self.field()?;
        let Token { kind: TokenKind::Operator(operator), offset: operator_offset } = *self.peek() else {
            return self.unexpected("an operator");
        };
        self.next += 1;
        let value = self.advance();
        if !matches!(value.kind, TokenKind::Word(_) | TokenKind::Text(_)) {
            self.next -= 1;
            return self.unexpected("a value");
        }
        comparison::term(field, operator, &value.kind).map_err(|mismatch| {
            let name = self.filter[start..operator_offset].trim_end();
            match mismatch {
                Mismatch::Operator(taken) => {
                    let problem = format!("`{name}` takes {taken}, not `{operator}`");
                    FilterError::new(self.filter, operator_offset, problem)
                }
                Mismatch::Value(problem) => FilterError::new(self.filter, value.offset, problem),
            }
        })
    }

    /// A path of names joined by dots, of which all but the first may be in quotes.
    fn field(&mut self) -> Result<Field, FilterError> {
        let start = self.peek().offset;
        let TokenKind::Word(first) = self.peek().kind else {
            return self.unexpected("a field");
        };
        self.next += 1;
        let mut path = vec![first.to_owned()];
        while self.take(&TokenKind::Dot) {
            match self.advance().kind {
                TokenKind::Word(name) => path.push(name.to_owned()),
                TokenKind::Text(name) => path.push(name),
                _ => {
                    self.next -= 1;
                    return self.unexpected("a name after the dot");
                }
            }
        }
        let path: Vec<_> = path.iter().map(String::as_str).collect();
        Field::at(&path).map_err(|problem| FilterError::new(self.filter, start, problem))
    }

    /// The next token. There always is one, since nothing goes past the last, which is the end.
    fn peek(&self) -> &Token<'f> {
        &self.tokens[self.next.min(self.tokens.len() - 1)]
    }

    fn advance(&mut self) -> Token<'f> {
        let token = self.peek().clone();
        self.next += 1;
        token
    }

    fn take(&mut self, kind: &TokenKind<'_>) -> bool {
        let taken = self.peek().kind == *kind;
        self.next += usize::from(taken);
        taken
    }

    fn unexpected<T>(&self, expected: &str) -> Result<T, FilterError> {
        let Token { kind, offset } = self.peek();
        Err(FilterError::new(self.filter, *offset, format!("expected {expected}, found {kind}")))
    }
}

/// The term that matches what either of two matches, if there is one.
fn either(one: Term, other: Term) -> Option<Term> {
    fn union<S>(mut one: Vec<S>, other: Vec<S>) -> OneOf<S> {
        one.extend(other);
        OneOf::In(one)
    }
    match (one, other) {
        (Term::State(OneOf::In(one)), Term::State(OneOf::In(other))) => Some(Term::State(union(one, other))),
        (Term::PaymentState(OneOf::In(one)), Term::PaymentState(OneOf::In(other))) => {
            Some(Term::PaymentState(union(one, other)))
        }
        (Term::FulfillmentState(OneOf::In(one)), Term::FulfillmentState(OneOf::In(other))) => {
            Some(Term::FulfillmentState(union(one, other)))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests;
