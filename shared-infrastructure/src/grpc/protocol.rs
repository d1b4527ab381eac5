//! What is no call of gRPC is refused by HTTP's own means, before anybody looks at it ("PROTOCOL-HTTP2" of gRPC, "Requests"). A web
//! page can have a browser send other types without asking first, with the certificate of whoever looks at it.

use http::{Method, Request, Response, StatusCode, header::CONTENT_TYPE};
use tonic::body::Body;

/// The type of the content, which may be followed by `+` and an encoding, and by parameters.
const GRPC: &str = "application/grpc";

/// The refusal of a request that is no call.
pub(super) fn refusal<B>(request: &Request<B>) -> Option<Response<Body>> {
    let content = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let rest = content.and_then(|content| content.strip_prefix(GRPC));
    let status = match rest {
        _ if request.method() != Method::POST => StatusCode::METHOD_NOT_ALLOWED,
        Some(rest) if rest.is_empty() || rest.starts_with(['+', ';']) => return None,
        _ => StatusCode::UNSUPPORTED_MEDIA_TYPE,
    };
    let mut refusal = Response::new(Body::default());
    *refusal.status_mut() = status;
    Some(refusal)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(method: Method, content: Option<&str>) -> Option<u16> {
        let mut request = Request::new(());
        *request.method_mut() = method;
        if let Some(content) = content {
            request.headers_mut().insert(CONTENT_TYPE, content.parse().unwrap());
        }
        refusal(&request).map(|response| response.status().as_u16())
    }

    #[test]
    fn only_calls_of_grpc_are_taken() {
        for content in ["application/grpc", "application/grpc+proto", "application/grpc;charset=utf-8"] {
            assert_eq!(status(Method::POST, Some(content)), None, "{content}");
            assert_eq!(status(Method::GET, Some(content)), Some(405), "{content}");
        }
        for content in ["", "text/plain", "application/json", "application/grpc-web", "application/grpcx"] {
            assert_eq!(status(Method::POST, Some(content)), Some(415), "{content}");
        }
        assert_eq!(status(Method::POST, None), Some(415));
    }
}
