//! What the phone on the page asks of the simulator: one statement each.

use contract::simulator::{Faults, Phone};
use leptos::prelude::*;

use crate::call::{CallError, Json};
#[cfg(feature = "ssr")]
use crate::call::{desk, simulator};

#[server(prefix = "/api", endpoint = "simulator/phone", output = Json)]
pub async fn see_phone(
    #[server(default)] line: Option<String>,
    #[server(default)] customer: Option<String>,
) -> Result<Phone, CallError> {
    Ok(simulator()?.phone(line, customer).await?)
}

#[server(prefix = "/api", endpoint = "simulator/say", output = Json)]
pub async fn say(
    line: String,
    customer: String,
    #[server(default)] name: String,
    body: String,
) -> Result<(), CallError> {
    Ok(simulator()?.say(line, customer, name, body).await?)
}

#[server(prefix = "/api", endpoint = "simulator/faults", output = Json)]
pub async fn set_faults(#[server(default)] faults: Faults) -> Result<(), CallError> {
    desk()?;
    Ok(simulator()?.set_faults(faults).await?)
}

#[server(prefix = "/api", endpoint = "simulator/clock", output = Json)]
pub async fn advance_clock(minutes: i64) -> Result<(), CallError> {
    desk()?;
    Ok(simulator()?.advance_clock(minutes).await?)
}
