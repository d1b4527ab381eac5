//! Authorities, and the certificates they sign.

use std::{fs, path::Path};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, date_time_ymd};

/// Signs certificates.
pub(crate) struct Authority(CertifiedIssuer<'static, KeyPair>);

/// A certificate and its key, in PEM.
pub(crate) struct Certificate {
    pub(crate) text: String,
    pub(crate) key: String,
}

impl Authority {
    pub(crate) fn new() -> Self {
        let (key, mut params) = (KeyPair::generate().unwrap(), CertificateParams::new(vec![]).unwrap());
        // No two have the same name, or else one is taken for the other until its signature is seen to be wrong.
        let number: String = key.public_key_raw().iter().map(|byte| format!("{byte:02x}")).take(16).collect();
        params.distinguished_name.push(DnType::CommonName, number);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, key).unwrap())
    }

    /// Its own certificate.
    pub(crate) fn text(&self) -> String {
        self.0.pem()
    }

    /// The same, as a server would have it.
    pub(crate) fn itself(&self) -> Certificate {
        Certificate { text: self.text(), key: self.0.key().serialize_pem() }
    }

    /// Signs a certificate for a host or a client of that name.
    pub(crate) fn sign(&self, name: &str) -> Certificate {
        self.sign_as(params(name))
    }

    /// Signs one that is no longer valid.
    pub(crate) fn sign_too_late(&self, name: &str) -> Certificate {
        let mut params = params(name);
        (params.not_before, params.not_after) = (date_time_ymd(2020, 1, 1), date_time_ymd(2021, 1, 1));
        self.sign_as(params)
    }

    fn sign_as(&self, params: CertificateParams) -> Certificate {
        let key = KeyPair::generate().unwrap();
        Certificate { text: params.signed_by(&key, &self.0).unwrap().pem(), key: key.serialize_pem() }
    }
}

impl Certificate {
    /// One that nobody else vouches for.
    pub(crate) fn self_signed(name: &str) -> Self {
        let key = KeyPair::generate().unwrap();
        Self { text: params(name).self_signed(&key).unwrap().pem(), key: key.serialize_pem() }
    }

    /// Writes it to `NAME.pem` and `NAME.key` of a folder.
    pub(crate) fn write(&self, folder: &Path, name: &str) {
        fs::write(folder.join(format!("{name}.pem")), &self.text).unwrap();
        fs::write(folder.join(format!("{name}.key")), &self.key).unwrap();
    }
}

fn params(name: &str) -> CertificateParams {
    let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
    params.distinguished_name.push(DnType::CommonName, name);
    params
}
