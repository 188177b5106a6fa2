// The pages that links of letters lead to: sends what the form holds, and the token of the link, to the API.
"use strict";

const main = document.querySelector("main");
const form = main.querySelector("form");
const button = form.querySelector("button");
const alert = main.querySelector("[role=alert]");
const status = main.querySelector("[role=status]");
const token = new URLSearchParams(location.hash.slice(1)).get("token");

// Whoever looks at the screen or the history later finds no token.
history.replaceState(null, "", location.pathname);

if ("token" in main.dataset && token === null) {
  button.disabled = true;
  alert.textContent = "Open this page by the link of the letter.";
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  button.disabled = true;
  alert.textContent = "";
  const sent = Object.fromEntries(new FormData(form));
  if ("token" in main.dataset) sent.token = token;
  try {
    const answer = await fetch(main.dataset.post, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(sent),
    });
    if (answer.ok) {
      form.remove();
      status.textContent = status.dataset.done;
      return;
    }
    const problem = await answer.json();
    alert.textContent = problem.detail;
  } catch {
    alert.textContent = "The exchange could not be reached. Try again.";
  }
  button.disabled = false;
});
