//! What connections are encrypted with: those of callers, and those to the database.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// The flags of TLS between callers and the service.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "TLS")]
pub struct TlsArgs {
    /// PEM file with the certificate to show to callers, followed by those between it and its authority. Callers have to speak TLS
    /// 1.2 or 1.3 then; without it, nothing is encrypted. This file and the next two are read again when they change
    #[arg(long, env, value_name = "PATH")]
    pub tls_certificate_file: Option<PathBuf>,

    /// PEM file with the certificate's private key
    #[arg(long, env, value_name = "PATH")]
    pub tls_key_file: Option<PathBuf>,

    /// PEM file with the authorities whose certificates callers may show
    #[arg(long, env, value_name = "PATH")]
    pub tls_client_ca_file: Option<PathBuf>,

    /// With `--tls-client-ca-file`: whether callers have to show a certificate
    #[arg(long, env, value_enum, value_name = "WHETHER", default_value_t = ClientAuth::Optional)]
    pub tls_client_auth: ClientAuth,
}

/// Whether callers have to show a certificate.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum ClientAuth {
    /// They may; one that is shown has to be valid
    #[default]
    Optional,
    /// They have to
    Required,
}

/// The flags of TLS between the service and the database.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Database")]
pub struct DatabaseTlsArgs {
    /// PEM file with the authorities that the database's certificate has to come from, where the URL says `sslmode=require`,
    /// `verify-ca` or `verify-full`. Without it, the latter two trust whom the machine trusts
    #[arg(long, env, value_name = "PATH")]
    pub database_tls_ca_file: Option<PathBuf>,

    /// PEM file with the certificate to show to the database
    #[arg(long, env, value_name = "PATH")]
    pub database_tls_certificate_file: Option<PathBuf>,

    /// PEM file with that certificate's private key
    #[arg(long, env, value_name = "PATH")]
    pub database_tls_key_file: Option<PathBuf>,
}
