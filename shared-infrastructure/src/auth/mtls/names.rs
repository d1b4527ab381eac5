//! The names in a client certificate.

use rustls_pki_types::CertificateDer;
use x509_parser::{certificate::X509Certificate, extensions::GeneralName, prelude::FromDer};

/// The URIs and the DNS names that the certificate stands for (its subject alternative names); `None` if it cannot be read.
///
/// An authority may let clients choose names of the one kind and not of the other, so none is taken for one of the other: a URI has a
/// colon (RFC 3986, section 3), and a DNS name has none.
pub(super) fn of(certificate: &CertificateDer<'_>) -> Option<Vec<String>> {
    let (_, certificate) = X509Certificate::from_der(certificate).ok()?;
    let names = certificate.subject_alternative_name().ok()??;
    let names = names.value.general_names.iter().filter_map(|name| match name {
        GeneralName::URI(name) if name.contains(':') => Some((*name).to_owned()),
        GeneralName::DNSName(name) if !name.contains(':') => Some((*name).to_owned()),
        _ => None,
    });
    Some(names.collect())
}
