// Passkeys: what went wrong is said in words. Recovery codes: saved as a file, or printed, without asking us again.
(() => {
  "use strict";

  const words = {
    NotAllowedError: "Nothing was done. Perhaps you closed the window of your browser, or it took too long. Please try again.",
    InvalidStateError: "This device has a passkey for your account already. You can sign in with it.",
    SecurityError: "A browser keeps no passkey for this address. Use an authenticator app here.",
    NotSupportedError: "This device cannot keep a passkey. Use another one, or an authenticator app.",
  };
  document.addEventListener("allauth.error", (event) => {
    const shown = document.getElementById("passkey-problem");
    if (!shown) return;
    event.preventDefault();
    const name = event.detail.exception ? event.detail.exception.name : "";
    shown.querySelector("p").textContent = words[name] || "Your browser could not do that just now. Please try again, or use a code.";
    shown.hidden = false;
    shown.focus();
  });

  for (const button of document.querySelectorAll("[data-save-codes]")) {
    button.hidden = false;
    button.addEventListener("click", () => {
      const codes = [...document.getElementById(button.dataset.saveCodes).children].map((item) => item.textContent.trim());
      const file = new Blob([`Recovery codes for Recoup. Each works once.\n\n${codes.join("\n")}\n`], { type: "text/plain" });
      const link = document.createElement("a");
      link.href = URL.createObjectURL(file);
      link.download = "recoup-recovery-codes.txt";
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 1000);
    });
  }
  for (const button of document.querySelectorAll("[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  }
})();
