//! `wabotiq simulate`: a customer's phone on the terminal, against a running demo server.

use std::{net::SocketAddr, time::Duration};

use anyhow::{Result, anyhow, bail};
use clap::Args;
use contract::simulator::Phone;
use crypto::{
    machine,
    token::hex,
    twilio::{SigningToken, sign_form},
};
use domain::channels::WhatsappAddress;
use tokio::io::{AsyncBufReadExt, BufReader};

use crate::{
    boot,
    config::Config,
    simulator::{get, post_form},
};

#[derive(Args)]
pub struct Simulate {
    /// The business's number, such as whatsapp:+14155238886
    #[arg(long)]
    to: String,
    /// The customer's number
    #[arg(long, default_value = "whatsapp:+254700000002")]
    from: String,
    /// What to write; without it, one message for each line of standard input
    #[arg(long)]
    text: Option<String>,
    /// How long to wait for the reply
    #[arg(long, default_value_t = 15)]
    wait_seconds: u64,
}

pub async fn run(config: &Config, command: Simulate) -> Result<()> {
    let number = |text: &str| WhatsappAddress::parse_number(text).map(|address| address.to_string());
    let to = number(&command.to).map_err(|error| anyhow!("--to: {error}"))?;
    let from = number(&command.from).map_err(|error| anyhow!("--from: {error}"))?;
    let store = boot::open_store(config, machine::world()).await?;
    let keys = store.channel_keys(&boot::machine_token()).await?;
    let Some(key) = keys.into_iter().find(|key| key.number == to && key.simulated) else {
        bail!("{to} is no simulated number here: see `wabotiq demo`");
    };
    let token = key
        .tokens
        .first()
        .and_then(SigningToken::new)
        .ok_or_else(|| anyhow!("{to} has no token"))?;
    let phone = Terminal {
        config,
        addr: config.addr,
        to,
        from,
        account: key.account_sid,
        token,
        wait: command.wait_seconds,
    };
    match command.text {
        Some(text) => phone.say(&text).await,
        None => {
            let mut lines = BufReader::new(tokio::io::stdin()).lines();
            while let Some(line) = lines.next_line().await? {
                if !line.trim().is_empty() {
                    phone.say(&line).await?;
                }
            }
            Ok(())
        }
    }
}

struct Terminal<'a> {
    config: &'a Config,
    addr: SocketAddr,
    to: String,
    from: String,
    account: String,
    token: SigningToken,
    wait: u64,
}

impl Terminal<'_> {
    async fn say(&self, text: &str) -> Result<()> {
        let before = self.replies().await?.len();
        let sid = format!("SM{}", hex(&machine::world().bytes::<16>()));
        let pairs: Vec<(String, String)> = [
            ("MessageSid", sid.as_str()),
            ("AccountSid", &self.account),
            ("From", &self.from),
            ("To", &self.to),
            ("Body", text),
            ("ProfileName", "Terminal"),
            ("WaId", self.from.trim_start_matches("whatsapp:+")),
            ("MessageType", "text"),
            ("NumMedia", "0"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
        let path = "/v1/webhooks/twilio";
        let signature = sign_form(
            &format!("{}{path}", self.config.public_base()),
            &pairs,
            &self.token,
        );
        let status = post_form(self.addr, path, &pairs, Some(&signature)).await?;
        if status != 200 {
            bail!("the webhook answered {status}");
        }
        let started = std::time::Instant::now();
        loop {
            let replies = self.replies().await?;
            if replies.len() > before {
                replies[before..].iter().for_each(|reply| println!("{reply}"));
                return Ok(());
            }
            if started.elapsed() > Duration::from_secs(self.wait) {
                bail!(
                    "no reply came within {} seconds: a person may have to answer",
                    self.wait
                );
            }
            // A look every quarter second is what a person at a terminal notices.
            tokio::time::sleep(Duration::from_millis(250)).await;
        }
    }

    /// What the business wrote to this phone.
    async fn replies(&self) -> Result<Vec<String>> {
        let query = serde_urlencoded::to_string([("line", &self.to), ("customer", &self.from)])?;
        let (status, body) = get(self.addr, &format!("/simulator/transcript?{query}")).await?;
        if status != 200 {
            bail!(
                "the server at {} runs without the simulator (WABOTIQ_DEMO): it answered {status}",
                self.addr
            );
        }
        let phone: Phone = serde_json::from_str(&body)?;
        Ok(phone
            .bubbles
            .into_iter()
            .filter(|bubble| !bubble.mine)
            .map(|bubble| bubble.body)
            .collect())
    }
}
