// Bundles ui/ into comptoir/web/static/: app.js, app.css and the fonts it names.
import { copyFileSync, mkdirSync } from "node:fs";
import * as esbuild from "esbuild";

mkdirSync("comptoir/web/static", { recursive: true });
copyFileSync("ui/img/icon.svg", "comptoir/web/static/icon.svg");

const options = {
  entryPoints: { app: "ui/js/app.ts", style: "ui/css/app.css", portal: "ui/css/portal.css" },
  outdir: "comptoir/web/static/ui",
  bundle: true,
  minify: true,
  sourcemap: true,
  format: "esm",
  target: ["chrome123", "firefox128", "safari17.5"],
  loader: { ".woff2": "file" },
  assetNames: "fonts/[name]-[hash]",
  logLevel: "info",
};

if (process.argv.includes("--watch")) {
  const context = await esbuild.context(options);
  await context.watch();
} else {
  await esbuild.build(options);
}
