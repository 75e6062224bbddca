//! A household to look at in the web console, and how to sign in there.

use crate::api::Api;
use crate::aws::Aws;
use crate::sandbox::Sandbox;
use crate::settings::{Auto, Settings};
use crate::story::{prepare, recommend};
use crate::wire::Recommendations;

/// The user who is there for looking around.
pub const USER: &str = "demo";

/// That user's password, in the local user pool alone.
pub const PASSWORD: &str = "Demo-household-1";

/// Makes the household where it is not there yet.
///
/// # Errors
/// What could not be reached or was refused, in words.
pub async fn household(settings: &Settings) -> anyhow::Result<()> {
    let (aws, sandbox) = (Aws::new(settings)?, Sandbox::new(settings)?);
    let who = aws.sign_in(USER, PASSWORD).await?;
    let api = Api::new(&settings.api_url, who.token.clone())?;
    let known: Recommendations = api.get("/recommendations").await?;
    if known.recommendations.is_empty() {
        sandbox.settle(USER, settings).await?;
        let (name, simulation) = sandbox.figures(USER).await?;
        println!("Setting up {name} ...");
        prepare(&api, &sandbox, USER, &simulation, Auto::Approve).await?;
        recommend(&api, &aws, &who, simulation).await?;
    }
    println!("\n{}", how_to_sign_in(&settings.api_url, USER, PASSWORD));
    Ok(())
}

/// Where the console is and who signs in there, as lines for a terminal.
pub fn how_to_sign_in(api_url: &str, user: &str, password: &str) -> String {
    format!("Console   {api_url}/console\n  name      {user}\n  password  {password}")
}
