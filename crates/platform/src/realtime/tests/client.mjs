// The client that browsers use, told over standard input what to do, saying on standard output what came of it.
// node client.mjs FOLDER-WITH-node_modules ADDRESS PATH TRANSPORT TOKEN
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const [folder, address, path, transport, token] = process.argv.slice(2);
const { io } = createRequire(`${folder}/`)("socket.io-client");
const say = (...words) => console.log(JSON.stringify(words));

const socket = io(address, { path, transports: [transport], auth: { token }, reconnection: false });
socket.on("connect", () => say("connect"));
socket.on("connect_error", (error) => say("connect_error", error.message));
socket.on("disconnect", (reason) => say("disconnect", reason));
socket.onAny((name, payload) => say("event", name, payload));

createInterface({ input: process.stdin })
	.on("line", (line) => {
		const [name, payload] = JSON.parse(line);
		socket.emit(name, payload, (answer) => say("ack", name, answer));
	})
	.on("close", () => process.exit(0));
