// Who the page is signed in as, and the token that proves it to the chat.
// A real shop has sessions; here `?as=elena` or the switch at the top decides, and stays.
const identity = (() => {
  const key = "tarnfield.customer";
  const asked = new URLSearchParams(location.search).get("as");
  if (asked !== null) localStorage.setItem(key, asked === "nobody" ? "" : asked);
  return {
    customer: localStorage.getItem(key) ?? "jonas",
    become(customer) {
      localStorage.setItem(key, customer);
      location.assign(location.pathname);
    },
  };
})();

async function customerToken() {
  if (!identity.customer) return null;
  const response = await fetch(`/demo/token?customer=${encodeURIComponent(identity.customer)}`);
  if (response.status === 404) return null; // this shop signs nobody in
  if (!response.ok) throw new Error("The shop does not answer."); // not a reason to be nobody
  return (await response.json()).token;
}

window.handrail = { token: customerToken };
