// The test server on a free loopback port, which is printed as one line of JSON. It ends with its parent's pipe.
//
// Two of its answers are mended so that the SDK can use it as it uses the real service: the account names the address
// at which it is reached (it always says https), and a document that is not there is 404 (its handler fails with 500).
"use strict";
const { createHttpServer } = require("@vercel/cosmosdb-server");

console.error = () => {}; // It prints every failed request, expected ones too.
const server = createHttpServer({ keepAlive: true });

server.prependListener("request", (request, response) => {
  const end = response.end.bind(response);
  const path = request.url.split("?")[0];
  response.end = (text) => {
    if (request.method === "GET" && response.statusCode === 500 && /\/docs\/[^/]+\/?$/.test(path)) {
      response.statusCode = 404;
      return end(JSON.stringify({ code: "NotFound", message: "There is no such document." }));
    }
    if (request.method === "GET" && path === "/") {
      return end(text.replaceAll(/https:\/\/[^/"]+\//g, `http://127.0.0.1:${server.address().port}/`));
    }
    return end(text);
  };
});

server.listen(0, "127.0.0.1", () => console.log(JSON.stringify({ port: server.address().port })));
process.stdin.on("end", () => process.exit(0)).resume();
