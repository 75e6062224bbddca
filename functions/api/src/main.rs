//! The HTTP API behind API Gateway. `api openapi` prints its description instead.

use api::{
    Adapters, App, Config, HttpKeys, Invoked, ProofStore, Site, Tokens, UserPool, answer, document, service,
};
use aws::{Aws, Failures, Functions, Proofs, SystemClock, Table};
use std::convert::Infallible;

type Real = Adapters<Table, Functions, HttpKeys, UserPool, ProofStore, Failures, SystemClock>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), shell::Error> {
    match std::env::args().nth(1).as_deref() {
        Some("openapi") => print!("{}", document::<Real>()?),
        _ => serve().await?,
    }
    Ok(())
}

async fn serve() -> Result<(), shell::Error> {
    shell::start_logging();
    let config = Config::from_env()?;
    let aws = Aws::from_env()?;
    let (table, functions) = (Table::from_env(&aws)?, Functions::from_env(&aws)?);
    let keys = HttpKeys::at(config.jwks_url)?;
    let pool = UserPool::at(config.sign_in_url, &config.client_id)?;
    let proofs = Proofs::from_env(&aws)?;
    let site = Site::at(&config.api_url).uploading_to(proofs.address());
    let proofs = ProofStore::of(proofs)?;
    let failures = Failures::from_env(&aws)?;
    let ports: Real = Adapters { table, functions, keys, pool, proofs, failures, clock: SystemClock };
    let tokens = Tokens::of(config.issuer, config.client_id);
    let app = App::new(ports, shell::catalog()?, tokens, config.progress_key);
    let api = service(app.at(Site { live: config.live_url, ..site }));
    shell::run(async |invoked: Invoked, _| Ok::<_, Infallible>(answer(&api, invoked).await)).await
}
