//! Accepting connections: so long for the head of a request, so many open at once. Whoever sends no head, or a slow
//! one, gives the place back; who reads an answer slowly keeps it.
//!
//! Never looks into a request.

use std::{convert::Infallible, net::SocketAddr, sync::Arc, time::Duration};

use axum::{Router, extract::connect_info::IntoMakeServiceWithConnectInfo};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::{conn::auto, graceful::GracefulShutdown},
    service::TowerToHyperService,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
};
use tokio_util::sync::CancellationToken;
use tower::Service;

/// A proxy that keeps a connection open waits less than this between two requests.
pub const HEAD_WITHIN: Duration = Duration::from_secs(75);
/// Each is a task and two small buffers; more wait in the system's own queue.
pub const CONNECTIONS_MAX: usize = 4096;
/// After an error of the listener, such as too many open files.
const REST: Duration = Duration::from_millis(100);

pub struct Door {
    pub head_within: Duration,
    pub connections_max: usize,
}

impl Default for Door {
    fn default() -> Self {
        Self {
            head_within: HEAD_WITHIN,
            connections_max: CONNECTIONS_MAX,
        }
    }
}

impl Door {
    /// Until told to stop; then nothing new is accepted and what is being answered is finished.
    pub async fn serve(self, listener: TcpListener, router: Router, stop: CancellationToken) {
        let mut make = router.into_make_service_with_connect_info::<SocketAddr>();
        // HTTP/1 alone, as a proxy speaks it: telling the versions apart would wait for a first byte without a limit.
        let mut protocol = auto::Builder::new(TokioExecutor::new()).http1_only();
        protocol
            .http1()
            .timer(TokioTimer::new())
            .header_read_timeout(self.head_within);
        let places = Arc::new(Semaphore::new(self.connections_max));
        let open = GracefulShutdown::new();
        loop {
            let next = async {
                // The semaphore is never closed, so this only waits.
                let place = places.clone().acquire_owned().await.ok();
                (place, listener.accept().await)
            };
            let (place, accepted) = tokio::select! {
                () = stop.cancelled() => break,
                next = next => next,
            };
            match accepted {
                Ok((stream, peer)) => connect(stream, peer, place, &protocol, &mut make, &open).await,
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(REST).await;
                }
            }
        }
        drop(listener);
        open.shutdown().await;
    }
}

async fn connect(
    stream: TcpStream,
    peer: SocketAddr,
    place: Option<OwnedSemaphorePermit>,
    protocol: &auto::Builder<TokioExecutor>,
    make: &mut IntoMakeServiceWithConnectInfo<Router, SocketAddr>,
    open: &GracefulShutdown,
) {
    // Only a slower connection without it.
    drop(stream.set_nodelay(true));
    let service = make
        .call(peer)
        .await
        .unwrap_or_else(|never: Infallible| match never {});
    let connection = protocol
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(service))
        .into_owned();
    let watched = open.watch(connection);
    tokio::spawn(async move {
        if let Err(error) = watched.await {
            tracing::debug!(error, "a connection ended early");
        }
        drop(place);
    });
}
