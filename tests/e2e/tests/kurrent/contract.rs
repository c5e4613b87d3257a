//! The one suite on a server of our own, new for each case.

use std::sync::Arc;

use async_trait::async_trait;
use domain_log::EventLog;
use domain_log::contract::{Load, Stand};
use tests_support::kurrent::{KurrentServer, KurrentSettings};
use tokio::sync::Mutex;

struct Own;

#[async_trait]
impl Stand for Own {
    type Place = Mutex<KurrentServer>;

    async fn place(&self) -> Self::Place {
        Mutex::new(KurrentServer::absent(KurrentSettings::OPEN).expect("a port is free"))
    }

    // Each time the server is started anew, and with it come the events of the last time.
    async fn open(&self, place: &Self::Place) -> Arc<dyn EventLog> {
        let mut server = place.lock().await;
        server.stop_node(0).await.expect("the port is ours");
        server.start_node(0).expect("the port is ours");
        super::open(&server.connection())
    }

    fn load(&self) -> Load {
        Load::REMOTE
    }
}

domain_log::contract_suite!(Own, restarts);
