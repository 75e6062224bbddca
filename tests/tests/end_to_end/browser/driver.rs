//! A browser and what a person does with it. Whatever is waited for is waited for by looking, never by sleeping for a while.

use crate::{LOOK, PATIENCE};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use demo::Settings;
use fantoccini::elements::Element;
use fantoccini::error::CmdError;
use fantoccini::wd::{Capabilities, WebDriverCompatibleCommand};
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use reqwest::{Method, Url};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use tokio::time::{Instant, sleep};

type NoUrl = <Url as std::str::FromStr>::Err;

/// A browser.
pub(super) struct Browser {
    client: Client,
    base: String,
    _driver: Driver,
}

/// The driver's process, which ends with the test and takes the browser with it.
struct Driver {
    process: Child,
    port: u16,
}

impl Driver {
    /// Starts one; none where there is none, or where it ends at once.
    fn start() -> Option<Self> {
        let mut driver = Command::new("chromedriver");
        let driver = driver.arg("--port=0").stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
        let mut process = driver.ok()?;
        let lines = BufReader::new(process.stdout.take().unwrap()).lines();
        // `ChromeDriver was started successfully on port 12345.`
        let said = lines
            .map_while(Result::ok)
            .find_map(|line| line.split_once("successfully on port ").map(|it| it.1.to_owned()));
        let Some(port) = said.and_then(|it| it.trim_end_matches('.').parse().ok()) else {
            let _ = process.wait();
            return None;
        };
        Some(Self { process, port })
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // Killed, it would leave the browser behind; told to shut down, it ends both.
        let told = TcpStream::connect(("127.0.0.1", self.port))
            .and_then(|mut driver| driver.write_all(b"GET /shutdown HTTP/1.1\r\nHost: localhost\r\n\r\n"));
        if told.is_err() {
            let _ = self.process.kill();
        }
        let _ = self.process.wait();
    }
}

/// A command of the driver's that is Chromium's own.
#[derive(Debug)]
struct Own {
    path: &'static str,
    body: Value,
}

impl WebDriverCompatibleCommand for Own {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, NoUrl> {
        base.join(&format!("session/{}/{}", session.unwrap_or_default(), self.path))
    }

    fn method_and_body(&self, _url: &Url) -> (Method, Option<String>) {
        (Method::POST, Some(self.body.to_string()))
    }
}

impl Browser {
    /// Starts one; none where there is none.
    pub(super) async fn start() -> Option<Self> {
        // The free port that it picks for IPv4 may be taken for IPv6; then it ends, and picks another the next time.
        let driver = (0..3).find_map(|_| Driver::start())?;
        let port = driver.port;
        let wishes = json!({
            "goog:loggingPrefs": { "browser": "ALL" },
            "goog:chromeOptions": { "args": ["--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--disable-dev-shm-usage"] }
        });
        let wishes: Capabilities = serde_json::from_value(wishes).unwrap();
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(wishes)
            .connect(&format!("http://127.0.0.1:{port}"))
            .await
            .unwrap();
        let base = format!("{}/console", Settings::from_env().unwrap().api_url);
        let browser = Self { client, base, _driver: driver };
        browser.screen(390, 844).await;
        Some(browser)
    }

    /// A screen of this size.
    pub(super) async fn screen(&self, width: u32, height: u32) {
        let metrics =
            json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600 });
        self.chromium("Emulation.setDeviceMetricsOverride", metrics).await;
    }

    /// As a reader prefers it: `light` or `dark`.
    pub(super) async fn scheme(&self, scheme: &str) {
        let features = json!([{ "name": "prefers-color-scheme", "value": scheme }]);
        self.chromium("Emulation.setEmulatedMedia", json!({ "features": features })).await;
    }

    /// In this time zone, from the next page on.
    pub(super) async fn zone(&self, zone: &str) {
        self.chromium("Emulation.setTimezoneOverride", json!({ "timezoneId": zone })).await;
    }

    /// Without a connection, or with one again.
    pub(super) async fn offline(&self, offline: bool) {
        self.chromium("Network.enable", json!({})).await;
        let conditions =
            json!({ "offline": offline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1 });
        self.chromium("Network.emulateNetworkConditions", conditions).await;
    }

    /// Without scripts, from the next page on.
    pub(super) async fn without_scripts(&self) {
        self.chromium("Emulation.setScriptExecutionDisabled", json!({ "value": true })).await;
    }

    async fn chromium(&self, command: &str, parameters: Value) -> Value {
        let body = json!({ "cmd": command, "params": parameters });
        self.client.issue_cmd(Own { path: "goog/cdp/execute", body }).await.unwrap()
    }

    /// What the page complained of since the last look: scripts that failed, and what its content policy refused. That a call was
    /// refused is what some tests are about.
    pub(super) async fn complaints(&self) -> Vec<String> {
        let log =
            self.client.issue_cmd(Own { path: "se/log", body: json!({ "type": "browser" }) }).await.unwrap();
        let lines = log.as_array().cloned().unwrap_or_default();
        let severe = lines.iter().filter(|it| it["level"] == "SEVERE");
        let messages = severe.filter_map(|it| it["message"].as_str());
        messages
            .filter(|it| !it.contains("the server responded with a status of 4"))
            .map(str::to_owned)
            .collect()
    }

    /// Opens a page of the console.
    pub(super) async fn open(&self, path: &str) {
        self.client.goto(&format!("{}{path}", self.base)).await.unwrap();
    }

    /// The path of the page below the console's address.
    pub(super) async fn path(&self) -> String {
        let url = self.client.current_url().await.unwrap().to_string();
        url.strip_prefix(&self.base).unwrap_or(&url).to_owned()
    }

    /// Another tab, and to it.
    pub(super) async fn new_tab(&self) {
        let tab = self.client.new_window(true).await.unwrap();
        self.client.switch_to_window(tab.handle).await.unwrap();
    }

    /// To a tab by its number.
    pub(super) async fn tab(&self, number: usize) {
        let tabs = self.client.windows().await.unwrap();
        self.client.switch_to_window(tabs[number].clone()).await.unwrap();
    }

    /// Writes into a field, in place of what is there.
    pub(super) async fn fill(&self, css: &str, text: &str) {
        let field = self.client.wait().at_most(PATIENCE).for_element(Locator::Css(css)).await.unwrap();
        // A list of files cannot be cleared.
        let _ = field.clear().await;
        field.send_keys(text).await.unwrap();
    }

    /// Presses the first button or link that begins so and is to be seen.
    pub(super) async fn press(&self, words: &str) {
        self.press_in("body", words).await;
    }

    /// The same, of a part of the page.
    pub(super) async fn press_in(&self, css: &str, words: &str) {
        let what = format!("{words:?} to press in {css}");
        self.awaits(&what, async || self.pressed(css, words).await.unwrap_or(false)).await;
    }

    /// Presses it if it is there. What is put anew in that very moment is not.
    pub(super) async fn pressed(&self, css: &str, words: &str) -> Result<bool, CmdError> {
        let all = format!("{css} button, {css} a, {css} summary");
        for element in self.client.find_all(Locator::Css(&all)).await? {
            if element.text().await?.trim().starts_with(words)
                && element.is_displayed().await?
                && element.is_enabled().await?
            {
                self.client
                    .execute("arguments[0].scrollIntoView({block: 'center'})", vec![json!(element)])
                    .await?;
                element.click().await?;
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Chooses an option of a list by its words.
    pub(super) async fn choose(&self, css: &str, words: &str) {
        self.find(css).await.select_by_label(words).await.unwrap();
    }

    async fn find(&self, css: &str) -> Element {
        self.client.wait().at_most(PATIENCE).for_element(Locator::Css(css)).await.unwrap()
    }

    /// Everything to be seen of a part of the page; nothing where it is not there.
    pub(super) async fn text(&self, css: &str) -> String {
        let text = self.script(
            "return [...document.querySelectorAll(arguments[0])].map(it => it.innerText).join('\\n')",
            json!([css]),
        );
        text.await.as_str().unwrap_or_default().to_owned()
    }

    /// Waits until a part of the page shows these words.
    pub(super) async fn sees(&self, css: &str, words: &str) {
        self.awaits(&format!("{words:?} in {css}"), async || self.text(css).await.contains(words)).await;
    }

    /// Looks again and again until it is so.
    pub(super) async fn awaits(&self, what: &str, mut is_so: impl AsyncFnMut() -> bool) {
        let begun = Instant::now();
        while !is_so().await {
            assert!(begun.elapsed() < PATIENCE, "{what} does not come:\n{}", self.text("main").await);
            sleep(LOOK).await;
        }
    }

    /// Runs a script on the page.
    pub(super) async fn script(&self, script: &str, arguments: Value) -> Value {
        self.client.execute(script, arguments.as_array().cloned().unwrap_or_default()).await.unwrap()
    }

    /// Runs a script that calls its last argument back.
    pub(super) async fn waiting_script(&self, script: &str) -> Value {
        self.client.execute_async(script, Vec::new()).await.unwrap()
    }

    /// The whole page as a picture.
    pub(super) async fn picture(&self) -> Vec<u8> {
        let metrics = self.chromium("Page.getLayoutMetrics", json!({})).await;
        let (size, most) = (&metrics["cssContentSize"], 4_000.0);
        let height = size["height"].as_f64().unwrap().min(most);
        let clip = json!({ "x": 0, "y": 0, "width": size["width"], "height": height, "scale": 1 });
        let picture = self
            .chromium("Page.captureScreenshot", json!({ "captureBeyondViewport": true, "clip": clip }))
            .await;
        STANDARD.decode(picture["data"].as_str().unwrap()).unwrap()
    }

    /// Closes it.
    pub(super) async fn close(self) {
        self.client.close().await.unwrap();
    }
}
