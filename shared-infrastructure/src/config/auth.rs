//! Who may call.

use clap::{Args, ValueEnum};
use shared_domain::TenantId;

/// The flags of authentication.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Authentication")]
pub struct AuthArgs {
    /// How callers prove who they are
    #[arg(long, env, value_enum, value_name = "PROVIDER", default_value_t = AuthProvider::None)]
    pub auth_provider: AuthProvider,

    /// With the provider `none`: the tenant of calls that name none in the metadata `x-tenant-id`
    #[arg(long, env, value_name = "TENANT", default_value = "default", value_parser = tenant)]
    pub auth_tenant: TenantId,
}

/// The ways to authenticate a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum AuthProvider {
    /// Not at all: whoever reaches the port may do everything. For loopback addresses only
    None,
}

fn tenant(text: &str) -> Result<TenantId, String> {
    TenantId::new(text).map_err(|error| error.to_string())
}
