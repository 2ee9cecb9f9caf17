"use strict";
// A link to a cell or a chat opens it.
function reveal() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!target) return;
  if (target.tagName === "DETAILS") target.open = true;
  target.scrollIntoView({ block: "start" });
}
addEventListener("hashchange", reveal);
if (location.hash) reveal();
