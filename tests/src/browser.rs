//! A real browser (Chromium) and the real window (WebKit), driven by WebDriver.

use crate::until::until;
use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;
use tempfile::TempDir;
use thirtyfour::{By, Capabilities, Key, WebDriver, WebElement};
use tokio::process::{Child, Command};

/// Chromium's switches: headless, and quiet on a machine without a network.
const CHROMIUM: [&str; 10] = [
    "--headless=new",
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--force-color-profile=srgb",
];

/// How long a window may take to close.
const END_WITHIN: Duration = Duration::from_secs(10);

/// A driven browser. Dropped, it is closed and its driver killed.
#[derive(Debug)]
pub struct Browser {
    /// The session.
    pub driver: WebDriver,
    _service: Service,
    _profile: TempDir,
}

impl Browser {
    /// Chromium, headless, `width` by `height`.
    ///
    /// # Errors
    /// When Chromium or its driver is missing or does not start.
    pub async fn chromium(width: u32, height: u32) -> Result<Self> {
        let profile = tempfile::tempdir()?;
        let mut switches: Vec<String> =
            CHROMIUM.iter().map(|switch| (*switch).to_owned()).collect();
        switches.push(format!("--user-data-dir={}", profile.path().display()));
        switches.push(format!("--window-size={width},{height}"));
        let capabilities = json!({
            "browserName": "chrome",
            "goog:chromeOptions": {"args": switches},
            "goog:loggingPrefs": {"browser": "ALL"},
        });
        let service = Service::start("chromedriver", &[]).await?;
        let browser = Self::connect(service, capabilities, profile).await?;
        // The window's frame takes some of the size asked for; what the page sees is what is meant.
        let metrics =
            json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
        browser
            .devtools("Emulation.setDeviceMetricsOverride", metrics)
            .await?;
        Ok(browser)
    }

    /// The product's own window, by WebKitWebDriver.
    ///
    /// # Errors
    /// When the driver is missing or the window does not open.
    pub async fn window(app: &Path, args: &[&str]) -> Result<Self> {
        let profile = tempfile::tempdir()?;
        let capabilities = json!({"webkitgtk:browserOptions": {"binary": app, "args": args}});
        // Without it the driver waits for a window that never reports.
        let service =
            Service::start("WebKitWebDriver", &[("TAURI_WEBVIEW_AUTOMATION", "true")]).await?;
        Self::connect(service, capabilities, profile).await
    }

    async fn connect(service: Service, capabilities: Value, profile: TempDir) -> Result<Self> {
        let Value::Object(capabilities) = capabilities else {
            bail!("capabilities are an object")
        };
        let driver = WebDriver::new(&service.url, Capabilities::from(capabilities))
            .await
            .context("a WebDriver session")?;
        // Its own way to end a session when dropped waits for minutes on a runtime that it has stopped.
        driver.clone().leak()?;
        Ok(Self {
            driver,
            _service: service,
            _profile: profile,
        })
    }

    /// Opens an address.
    ///
    /// # Errors
    /// When it cannot be loaded.
    pub async fn open(&self, url: &str) -> Result<()> {
        Ok(self.driver.goto(url).await?)
    }

    /// The element with this `data-testid`, once it is there and shown.
    ///
    /// # Errors
    /// When it does not come.
    pub async fn find(&self, testid: &str) -> Result<WebElement> {
        self.find_by(&format!("[data-testid='{testid}']")).await
    }

    /// The first element of a CSS selector, once it is there and shown.
    ///
    /// # Errors
    /// When it does not come; with what the page shows instead.
    pub async fn find_by(&self, css: &str) -> Result<WebElement> {
        let look = || async {
            for element in self.driver.find_all(By::Css(css)).await? {
                if element.is_displayed().await? {
                    return Ok(Some(element));
                }
            }
            Ok(None)
        };
        match until(css, look).await {
            Ok(element) => Ok(element),
            Err(error) => {
                let text = self.text().await.unwrap_or_default();
                Err(error.context(format!("the page shows:\n{text}")))
            }
        }
    }

    /// Clicks an element by its `data-testid`. An element that the page draws anew meanwhile is looked up again.
    ///
    /// # Errors
    /// When it does not come.
    pub async fn click(&self, testid: &str) -> Result<()> {
        self.click_by(&format!("[data-testid='{testid}']")).await
    }

    /// Clicks the first element of a CSS selector.
    ///
    /// # Errors
    /// When it does not come.
    pub async fn click_by(&self, css: &str) -> Result<()> {
        let look = || async { Ok(self.find_by(css).await?.click().await.is_ok().then_some(())) };
        until(&format!("a click on {css}"), look).await
    }

    /// Types into an element by its `data-testid`.
    ///
    /// # Errors
    /// When it does not come.
    pub async fn type_into(&self, testid: &str, text: &str) -> Result<()> {
        Ok(self.find(testid).await?.send_keys(text).await?)
    }

    /// The text of an element by its `data-testid`, once it is there.
    ///
    /// # Errors
    /// When it does not come.
    pub async fn read(&self, testid: &str) -> Result<String> {
        Ok(self.find(testid).await?.text().await?)
    }

    /// Whether an element with this `data-testid` is there now.
    ///
    /// # Errors
    /// When there is no page.
    pub async fn has(&self, testid: &str) -> Result<bool> {
        let css = format!("[data-testid='{testid}']");
        Ok(!self.driver.find_all(By::Css(css)).await?.is_empty())
    }

    /// Everything that the page holds, shown or not: its markup and what was typed into its fields.
    ///
    /// # Errors
    /// When there is no page.
    pub async fn whole_page(&self) -> Result<String> {
        let script = "return document.documentElement.outerHTML + \
            [...document.querySelectorAll('input, textarea')].map(field => field.value).join(' ')";
        let page = self.driver.execute(script, Vec::new()).await?;
        Ok(page.convert()?)
    }

    /// Types as a scanner does: every key at once, then Enter.
    ///
    /// # Errors
    /// When the browser refuses.
    pub async fn scan(&self, code: &str) -> Result<()> {
        // One request with all keys: a request for each would be as slow as a person.
        let keys = self
            .driver
            .action_chain_with_delay(Some(Duration::ZERO), Some(Duration::ZERO));
        let keys = keys.send_keys(code.to_owned() + Key::Enter.value().to_string().as_str());
        Ok(keys.perform().await?)
    }

    /// Waits until an element shows a text.
    ///
    /// # Errors
    /// When it does not.
    pub async fn wait_for_text(&self, testid: &str, text: &str) -> Result<()> {
        let look = || async {
            let elements = self
                .driver
                .find_all(By::Css(format!("[data-testid='{testid}']")))
                .await?;
            for element in elements {
                if element.text().await?.contains(text) {
                    return Ok(Some(()));
                }
            }
            Ok(None)
        };
        let found = until(&format!("“{text}” in {testid}"), look).await;
        let shown = if found.is_err() {
            self.text().await.unwrap_or_default()
        } else {
            String::new()
        };
        found.with_context(|| format!("the page shows:\n{shown}"))
    }

    /// Waits until a field holds a text: nobody presses a button before she sees what she typed.
    ///
    /// # Errors
    /// When it does not; with what it holds instead.
    pub async fn wait_for_value(&self, testid: &str, text: &str) -> Result<()> {
        let look = || async {
            let value = self
                .find(testid)
                .await?
                .prop("value")
                .await?
                .unwrap_or_default();
            if value == text {
                Ok(Some(()))
            } else {
                bail!("it holds “{value}”")
            }
        };
        until(&format!("“{text}” typed into {testid}"), look).await
    }

    /// Everything that the page shows.
    ///
    /// # Errors
    /// When there is no page.
    pub async fn text(&self) -> Result<String> {
        Ok(self.driver.find(By::Css("body")).await?.text().await?)
    }

    /// A screenshot of the page into a PNG file.
    ///
    /// # Errors
    /// When it cannot be taken or written.
    pub async fn screenshot(&self, file: &Path) -> Result<()> {
        if let Some(folder) = file.parent() {
            std::fs::create_dir_all(folder)?;
        }
        Ok(self.driver.screenshot(file).await?)
    }

    /// Fails where the console has an error: a screen that complains is a screen that is broken. Chromium only.
    ///
    /// # Errors
    /// With the errors.
    pub async fn check_console(&self, allowed: &[&str]) -> Result<()> {
        let log = self.post("se/log", json!({"type": "browser"})).await?;
        let entries = log.as_array().cloned().unwrap_or_default();
        let severe = entries
            .iter()
            .filter(|entry| entry.get("level").is_some_and(|level| level == "SEVERE"))
            .map(|entry| {
                entry
                    .get("message")
                    .map(Value::to_string)
                    .unwrap_or_default()
            });
        let errors: Vec<_> = severe
            .filter(|message| !allowed.iter().any(|allowed| message.contains(allowed)))
            .collect();
        if errors.is_empty() {
            Ok(())
        } else {
            bail!("the console has errors:\n{}", errors.join("\n"))
        }
    }

    /// A command of the DevTools protocol. Chromium only.
    ///
    /// # Errors
    /// When Chromium refuses.
    pub async fn devtools(&self, command: &str, params: Value) -> Result<Value> {
        self.post(
            "goog/cdp/execute",
            json!({"cmd": command, "params": params}),
        )
        .await
    }

    async fn post(&self, path: &str, body: Value) -> Result<Value> {
        let handle = self.driver.handle();
        let url = format!(
            "{}session/{}/{path}",
            handle.server_url(),
            handle.session_id()
        );
        let response = crate::world::client()?.post(url).json(&body).send().await?;
        let answer: Value = response.json().await?;
        Ok(answer.get("value").cloned().unwrap_or_default())
    }

    /// Asks the driver to close the window and waits until it has.
    fn end_session(&self) -> Result<()> {
        let handle = self.driver.handle();
        let server = handle.server_url();
        let (host, port) = (server.host_str(), server.port());
        let host = format!("{}:{}", host.unwrap_or_default(), port.unwrap_or_default());
        let mut line = TcpStream::connect(&host)?;
        line.set_read_timeout(Some(END_WITHIN))?;
        let session = handle.session_id();
        write!(
            line,
            "DELETE /session/{session} HTTP/1.1\r\nhost: {host}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
        )?;
        line.read_to_end(&mut Vec::new())?;
        Ok(())
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // What does not end in time is killed with its driver.
        let _ = self.end_session();
    }
}

/// A WebDriver service on a port of its own. Dropped, it is asked to stop (SIGTERM), so that it takes its browser with
/// it: killed, it would leave the browser behind.
#[derive(Debug)]
struct Service {
    child: Child,
    url: String,
}

impl Drop for Service {
    fn drop(&mut self) {
        if let Some(pid) = self.child.id() {
            let stop = format!("kill -TERM {pid}");
            // Where it is gone already there is nothing to stop.
            let _ = std::process::Command::new("sh")
                .args(["-c", &stop])
                .status();
        }
    }
}

impl Service {
    async fn start(program: &str, env: &[(&str, &str)]) -> Result<Self> {
        let port = free_port()?;
        let mut command = Command::new(program);
        command
            .arg(format!("--port={port}"))
            .envs(env.iter().copied());
        command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let child = command
            .spawn()
            .with_context(|| format!("starting {program}: `cargo xtask test` installs it"))?;
        let url = format!("http://127.0.0.1:{port}");
        let client = crate::world::client()?;
        let status = format!("{url}/status");
        let look = || async {
            Ok(client
                .get(&status)
                .send()
                .await?
                .status()
                .is_success()
                .then_some(()))
        };
        until(program, look).await?;
        Ok(Self { child, url })
    }
}

/// A port that is free now.
///
/// # Errors
/// When there is none.
pub fn free_port() -> Result<u16> {
    Ok(std::net::TcpListener::bind("127.0.0.1:0")?
        .local_addr()?
        .port())
}
