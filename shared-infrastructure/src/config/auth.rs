//! Who may call.

use std::{path::PathBuf, time::Duration};

use clap::{Args, ValueEnum, builder::NonEmptyStringValueParser};
use shared_domain::TenantId;

use super::duration;

/// The flags of authentication.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Authentication")]
pub struct AuthArgs {
    /// How callers prove who they are: one way, or several with commas between them, of which the first that applies to a call counts
    #[arg(long, env, value_enum, value_name = "PROVIDERS", value_delimiter = ',', default_value = "none")]
    pub auth_provider: Vec<AuthProvider>,

    /// With the provider `none`: the tenant of calls that name none in the metadata `x-tenant-id`
    #[arg(long, env, value_name = "TENANT", default_value = DEFAULT_TENANT, value_parser = tenant)]
    pub auth_tenant: TenantId,

    /// Tokens.
    #[command(flatten)]
    pub oidc: OidcArgs,
    /// Client certificates.
    #[command(flatten)]
    pub mtls: MtlsArgs,
}

/// The tenant of calls that name none.
const DEFAULT_TENANT: &str = "default";

impl AuthArgs {
    /// Flags that were given and say something, as far as that can be told, and the provider that each is for.
    pub(crate) fn given(&self) -> impl Iterator<Item = (AuthProvider, &'static str)> {
        let OidcArgs { oidc_issuer, oidc_audience, oidc_jwks_url, oidc_jwks_file, oidc_ca, .. } = &self.oidc;
        [
            (
                oidc_issuer.as_deref().is_some_and(|issuer| !issuer.is_empty()),
                AuthProvider::Oidc,
                "--oidc-issuer",
            ),
            (
                oidc_audience.iter().any(|audience| !audience.is_empty()),
                AuthProvider::Oidc,
                "--oidc-audience",
            ),
            (
                oidc_jwks_url.as_deref().is_some_and(|url| !url.is_empty()),
                AuthProvider::Oidc,
                "--oidc-jwks-url",
            ),
            (oidc_jwks_file.is_some(), AuthProvider::Oidc, "--oidc-jwks-file"),
            (oidc_ca.is_some(), AuthProvider::Oidc, "--oidc-ca"),
            (self.mtls.mtls_callers_file.is_some(), AuthProvider::Mtls, "--mtls-callers-file"),
            (self.auth_tenant.as_str() != DEFAULT_TENANT, AuthProvider::None, "--auth-tenant"),
        ]
        .into_iter()
        .filter_map(|(given, provider, flag)| given.then_some((provider, flag)))
    }
}

/// The ways to authenticate a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum AuthProvider {
    /// By a token of an OpenID Connect issuer, in the metadata `authorization`
    Oidc,
    /// By the client's certificate
    Mtls,
    /// Not at all: whoever reaches the port may do everything. For loopback addresses only, and alone
    None,
}

/// The flags of the provider `oidc`.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Authentication by tokens")]
pub struct OidcArgs {
    /// Who issues the tokens: a URL, exactly as the tokens' `iss`. Its `/.well-known/openid-configuration` tells where its keys are
    #[arg(long, env, value_name = "URL")]
    pub oidc_issuer: Option<String>,

    /// Whom tokens have to be meant for: one of these has to be in the tokens' `aud`
    #[arg(long, env, value_name = "NAMES", value_delimiter = ',')]
    pub oidc_audience: Vec<String>,

    /// Where the issuer's keys are, instead of where it says
    #[arg(long, env, value_name = "URL", conflicts_with = "oidc_jwks_file")]
    pub oidc_jwks_url: Option<String>,

    /// File with the issuer's keys (a JSON Web Key Set), read again when it changes
    #[arg(long, env, value_name = "PATH")]
    pub oidc_jwks_file: Option<PathBuf>,

    /// PEM file with the authorities to trust for the issuer's TLS, instead of those that the machine trusts
    #[arg(long, env, value_name = "PATH")]
    pub oidc_ca: Option<PathBuf>,

    /// The claim that names the tenant; dots lead into objects
    #[arg(long, env, value_name = "CLAIM", default_value = "tenant", value_parser = NonEmptyStringValueParser::new())]
    pub oidc_tenant_claim: String,

    /// The claim that names the caller
    #[arg(long, env, value_name = "CLAIM", default_value = "sub", value_parser = NonEmptyStringValueParser::new())]
    pub oidc_subject_claim: String,

    /// The claim that has the scopes: a text with spaces between them, or a list
    #[arg(long, env, value_name = "CLAIM", default_value = "scope", value_parser = NonEmptyStringValueParser::new())]
    pub oidc_scope_claim: String,

    /// How often to fetch the keys
    #[arg(long, env, value_name = "TIME", default_value = "5m", value_parser = duration)]
    pub oidc_refresh_interval: Duration,

    /// How long after a fetch the next one may be that a token with an unknown key asks for
    #[arg(long, env, value_name = "TIME", default_value = "30s", value_parser = duration)]
    pub oidc_refresh_cooldown: Duration,

    /// How long a fetch may take
    #[arg(long, env, value_name = "TIME", default_value = "5s", value_parser = duration)]
    pub oidc_fetch_timeout: Duration,

    /// How long keys count that cannot be fetched anew
    #[arg(long, env, value_name = "TIME", default_value = "24h", value_parser = long)]
    pub oidc_stale_limit: Duration,
}

/// The flags of the provider `mtls`.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Authentication by certificates")]
pub struct MtlsArgs {
    /// JSON file that tells whom names in client certificates stand for, read again when it changes
    #[arg(long, env, value_name = "PATH")]
    pub mtls_callers_file: Option<PathBuf>,
}

/// A time that may be longer than what callers wait for.
fn long(text: &str) -> Result<Duration, String> {
    let time = humantime::parse_duration(text).map_err(|_| "expected a time such as 12h or 2d".to_owned())?;
    let longest = Duration::from_secs(30 * 24 * 3600);
    if (Duration::from_millis(1)..=longest).contains(&time) {
        Ok(time)
    } else {
        Err("must be between 1ms and 30d".to_owned())
    }
}

fn tenant(text: &str) -> Result<TenantId, String> {
    TenantId::new(text).map_err(|error| error.to_string())
}
