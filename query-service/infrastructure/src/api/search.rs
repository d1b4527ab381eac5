//! SearchOrders: the request into a query, and the tokens of its pages.

use orders_proto::orders::v1::SearchOrdersRequest;
use query_application::{Freshness, PageSize, SearchOrders, SearchWords};
use shared_domain::{InvalidValue, TenantId};
use shared_infrastructure::{errors::ErrorReason, search_words::tokens};
use tonic::Status;

use super::{
    call::at_least,
    decode::{open, positioned, view},
    filter,
    page_token::Binding,
    violations::Violations,
};

/// The longest text to look for, in bytes.
const MAX_BYTES: usize = 256;

/// The query of SearchOrders, and what its page tokens are bound to.
pub(super) fn decode(
    request: SearchOrdersRequest,
    tenant: &TenantId,
) -> Result<(SearchOrders, Binding, Option<Freshness>), Status> {
    let mut violations = Violations::default();
    let words = violations.field("query", words(&request.query));
    let filter = violations.check("filter", ErrorReason::InvalidFilter, filter::parse(&request.filter));
    let page_size = violations.field("page_size", PageSize::requested(request.page_size));
    let view = violations.field("view", view(request.view));
    let token = open(&request.page_token, &mut violations);
    let at_least = at_least(&request.consistency_token, &mut violations);

    let binding = Binding::new(&["SearchOrders", tenant.as_str(), &request.query, &request.filter]);
    let after = token.and_then(|token| match token {
        None => Some(None),
        Some(token) => positioned(token.found(&binding), &mut violations).map(Some),
    });
    let decoded = || {
        let (words, filter, after, page_size, view) = (words?, filter?, after?, page_size?, view?);
        Some((SearchOrders { words, filter, after, page_size, view }, binding, at_least?))
    };
    violations.or(decoded())
}

/// The words to look for, each once, the last one last.
fn words(query: &str) -> Result<SearchWords, InvalidValue> {
    if query.len() > MAX_BYTES {
        return Err(InvalidValue(format!("must have at most {MAX_BYTES} bytes")));
    }
    let (mut required, mut preferred) = (Vec::new(), Vec::new());
    for token in tokens(query) {
        for word in token.words {
            required.retain(|earlier| *earlier != word);
            required.push(word);
        }
        preferred.extend(token.whole);
    }
    if required.is_empty() {
        return Err(InvalidValue("must have a word in it: letters or digits".into()));
    }
    Ok(SearchWords { required, preferred })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_cut_into_words_each_once() {
        let SearchWords { required, preferred } = words("Red SKU-7, red").unwrap();
        assert_eq!(required, ["sku", "7", "red"], "the last word stays the last");
        assert_eq!(preferred, ["sku-7"]);
    }

    #[test]
    fn a_query_needs_a_word() {
        for none in ["", "  ", "--", "\0", "'&|!:*"] {
            assert!(words(none).is_err(), "{none:?}");
        }
        assert!(words(&"ab ".repeat(85)).is_ok());
        assert!(words(&"ab ".repeat(86)).is_err());
    }
}
