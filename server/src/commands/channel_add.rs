//! `wabotiq channel add`: connects a number; a running server hears of it within seconds.

use anyhow::{Result, anyhow, bail};
use authz::IntegrationsManage;
use clap::Args;
use crypto::machine;
use domain::channels::WhatsappAddress;
use store::NewChannel;

use super::accounts::secret_from_stdin;
use crate::{boot, config::Config};

#[derive(Args)]
pub struct ChannelAdd {
    /// Short name of the business
    #[arg(long)]
    tenant: String,
    /// Such as whatsapp:+14155238886
    #[arg(long)]
    number: String,
    /// AC and 32 hexadecimal digits
    #[arg(long)]
    account_sid: String,
    /// MG and 32 hexadecimal digits, where a messaging service is used
    #[arg(long)]
    messaging_service_sid: Option<String>,
    /// Read the account's auth token from standard input (the only way)
    #[arg(long)]
    auth_token_stdin: bool,
    /// Demo only: the simulator is this number's provider
    #[arg(long)]
    simulated: bool,
}

pub async fn run(config: &Config, command: ChannelAdd) -> Result<()> {
    if !command.auth_token_stdin {
        bail!(
            "pass --auth-token-stdin and write the token to standard input: arguments can be read by other programs"
        );
    }
    let number =
        WhatsappAddress::parse_number(&command.number).map_err(|error| anyhow!("--number: {error}"))?;
    let account_sid = command
        .account_sid
        .parse()
        .map_err(|error| anyhow!("--account-sid: {error}"))?;
    let messaging_service_sid = match &command.messaging_service_sid {
        Some(text) => Some(
            text.parse()
                .map_err(|error| anyhow!("--messaging-service-sid: {error}"))?,
        ),
        None => None,
    };
    let auth_token = secret_from_stdin("the auth token")?;
    let store = boot::open_store(config, machine::world()).await?;
    let token = boot::machine_token();
    let Some(tenant) = store.tenant_by_slug(&token, &command.tenant).await? else {
        bail!(
            "there is no business {}: see `wabotiq create-owner`",
            command.tenant
        );
    };
    if tenant.id.is_platform() {
        bail!("the platform is no business, and has no number");
    }
    let mut room = store
        .enter(&token.act_for::<IntegrationsManage>(tenant.id))
        .await?;
    let new = NewChannel {
        number,
        account_sid,
        messaging_service_sid,
        auth_token,
        simulated: command.simulated,
    };
    let channel = room
        .connect_channel(new)
        .await
        .map_err(|error| anyhow!("the number can't be connected: {error}"))?;
    let detail = serde_json::json!({ "channel": channel.id, "number": channel.number.to_string() });
    room.tell_platform(
        &token,
        "platform.channel_connected",
        &tenant.id.to_string(),
        detail,
    )
    .await?;
    room.commit().await?;
    println!("{} is connected to {}.", channel.number, tenant.name);
    println!(
        "In Twilio's console, “When a message comes in”: {}/v1/webhooks/twilio",
        config.public_base()
    );
    println!(
        "Status callback URL: {}/v1/webhooks/twilio/status",
        config.public_base()
    );
    Ok(())
}
