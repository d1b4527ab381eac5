//! Asks a service for its health (grpc.health.v1).

use std::{net::SocketAddr, time::Duration};

use tonic::transport::Endpoint;
use tonic_health::pb::{
    HealthCheckRequest, health_check_response::ServingStatus, health_client::HealthClient,
};

/// Between two questions.
const PAUSE: Duration = Duration::from_millis(20);
/// For one answer.
const PATIENCE: Duration = Duration::from_secs(2);

/// Asks until the answer is SERVING.
pub(super) async fn wait_until_serving(address: SocketAddr, service: &str) {
    let endpoint = Endpoint::from_shared(format!("http://{address}"))
        .expect("a socket address makes a valid URL")
        .connect_timeout(PATIENCE)
        .timeout(PATIENCE);
    let mut client = HealthClient::new(endpoint.connect_lazy());
    loop {
        let question = HealthCheckRequest { service: service.to_owned() };
        let answer = client.check(question).await;
        if answer.is_ok_and(|answer| answer.get_ref().status() == ServingStatus::Serving) {
            return;
        }
        tokio::time::sleep(PAUSE).await;
    }
}
