/** Opens the console: the session of this tab, then the sign-in page or the workplace. */
import { render } from "preact";
import { App } from "./app/App";
import { startClock } from "./parts/clock";
import { Sessions } from "./session/session";
import { tabStore } from "./session/tabStore";
import "./styles/index.css";

startClock();
const sessions = new Sessions(tabStore("handrail."));
render(<App sessions={sessions} />, document.getElementById("console") ?? document.body);
