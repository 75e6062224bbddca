//! The listener. Connections are served by hand, as a faulty one must be closed without a word.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, Response};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tower::ServiceExt;

use super::answer::HangUp;
use super::routes::router;
use crate::service::Service;

/// Why a server could not be started.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The port is taken.
    #[error("port {port} is in use; choose another with --port, or stop what listens there")]
    PortInUse {
        /// The port.
        port: u16,
    },
    /// Anything else about the listener.
    #[error("cannot listen on 127.0.0.1:{port}")]
    Listen {
        /// The port.
        port: u16,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
}

/// A listening sandbox.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    service: Arc<Service>,
}

/// A connection that is closed on purpose.
#[derive(Debug, thiserror::Error)]
#[error("closed by a fault rule")]
struct Closed;

impl Server {
    /// Listens on 127.0.0.1; port 0 picks a free one.
    ///
    /// # Errors
    /// [`ServeError`].
    pub async fn bind(port: u16, service: Arc<Service>) -> Result<Self, ServeError> {
        let failed = |source: std::io::Error| match source.kind() {
            std::io::ErrorKind::AddrInUse => ServeError::PortInUse { port },
            _ => ServeError::Listen { port, source },
        };
        let listener = TcpListener::bind(("127.0.0.1", port)).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        Ok(Self { listener, address, service })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until `stop` resolves; calls under way are broken off then, as their effects are saved already.
    pub async fn run(self, stop: impl Future<Output = ()>) {
        let router = router(self.service);
        let mut connections = JoinSet::new();
        let mut stop = std::pin::pin!(stop);
        loop {
            tokio::select! {
                () = &mut stop => return,
                accepted = self.listener.accept() => {
                    if let Ok((stream, _)) = accepted {
                        connections.spawn(talk(stream, router.clone()));
                    }
                }
                Some(_) = connections.join_next() => {}
            }
        }
    }
}

async fn talk(stream: TcpStream, router: Router) {
    let service = service_fn(move |request: Request<Incoming>| answer(router.clone(), request));
    // Whatever ends a connection is the client's affair or a fault that was asked for.
    let _ended = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}

async fn answer(router: Router, request: Request<Incoming>) -> Result<Response<Body>, Closed> {
    let Ok(response) = router.oneshot(request.map(Body::new)).await;
    if response.extensions().get::<HangUp>().is_some() {
        return Err(Closed);
    }
    Ok(response)
}
