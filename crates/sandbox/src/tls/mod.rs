//! TLS of the sandbox: a certificate of an authority of its own, both invented and worth nothing.

use std::sync::Arc;

use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// The authority that a client must be told to trust, as PEM.
pub(crate) const AUTHORITY: &str = include_str!("invented_authority.pem");
/// Its certificate for this machine.
const CERTIFICATE: &str = include_str!("invented_certificate.pem");
/// The key of that certificate.
const KEY: &str = include_str!("invented_key.pem");

/// Takes connections over TLS; none if the invented files are not what they should be.
pub(crate) fn acceptor() -> Option<TlsAcceptor> {
    let certificate = CertificateDer::from_pem_slice(CERTIFICATE.as_bytes()).ok()?;
    let key = PrivateKeyDer::from_pem_slice(KEY.as_bytes()).ok()?;
    let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .ok()?
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .ok()?;
    Some(TlsAcceptor::from(Arc::new(config)))
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_invented_files_make_a_server() {
        assert!(super::acceptor().is_some());
    }
}
