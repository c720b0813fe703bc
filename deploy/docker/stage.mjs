// SPDX-License-Identifier: Apache-2.0
// Puts together what goes into the image: the built packages, and the dependencies that they need at
// run time, as the lock file names them. Nothing is downloaded; run `npm run build` first.
//
//   node deploy/docker/stage.mjs [FOLDER]      default: deploy/docker/context
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const root = resolve(here, "..", "..");
const target = resolve(process.argv[2] ?? join(here, "context"));

/** Links in node_modules, by which ccfctl finds the services. */
const PROGRAMS = ["cli", "node", "governance", "recovery"].map(
  (name) => `node_modules/@consortium/${name}`,
);
/** What a package of ours is at run time; its sources and tests stay outside. */
const PARTS = ["package.json", "dist", "bin", "pkg", "migrations", "constitution", "guest"];
const MORE_PARTS = ["oclif.manifest.json"];

const { packages } = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8"));

rmSync(target, { recursive: true, force: true });
mkdirSync(target, { recursive: true });
cpSync(join(here, "Dockerfile"), join(target, "Dockerfile"));
cpSync(join(root, "package.json"), join(target, "package.json"));
cpSync(join(root, "LICENSE"), join(target, "LICENSE"));
const wanted = closureOf(PROGRAMS);
for (const place of wanted) copyPackage(place);
console.log(`${wanted.size} packages staged in ${target}`);

/** Every place of the lock file that the programs reach, optional dependencies left out. */
function closureOf(places) {
  const found = new Set();
  const visit = (place) => {
    if (found.has(place)) return;
    found.add(place);
    const { link, resolved, dependencies = {} } = packages[place];
    if (link) visit(resolved);
    for (const name of Object.keys(dependencies)) {
      // Types are for the compiler.
      if (!name.startsWith("@types/")) visit(placeOf(name, place));
    }
  };
  places.forEach(visit);
  return found;
}

/** Where Node finds a dependency: in the package's own folder, or in one above it. */
function placeOf(name, from) {
  for (let folder = from; ; folder = folder === "." ? "" : dirname(folder)) {
    const place =
      folder === "" || folder === "." ? `node_modules/${name}` : `${folder}/node_modules/${name}`;
    if (packages[place] !== undefined) return place;
    if (folder === "" || folder === ".")
      throw new Error(`${from} needs ${name}, which is not in the lock file`);
  }
}

function copyPackage(place) {
  const from = join(root, place);
  if (!existsSync(from)) throw new Error(`${place} is not installed: run \`npm install\``);
  const isOurs = !place.startsWith("node_modules/") && !place.includes("/node_modules/");
  if (!isOurs) {
    // A link to a package of ours stays a link. What lies in a nested node_modules has a place of its own.
    cpSync(from, join(target, place), {
      recursive: true,
      verbatimSymlinks: true,
      filter: withoutNested(from),
    });
    return;
  }
  if (!existsSync(join(from, "dist")))
    throw new Error(`${place} is not built: run \`npm run build\``);
  for (const part of [...PARTS, ...MORE_PARTS]) {
    if (!existsSync(join(from, part))) continue;
    cpSync(join(from, part), join(target, place, part), { recursive: true, filter: isForRunning });
  }
}

function withoutNested(from) {
  return (source) => source === from || !source.slice(from.length).includes("node_modules");
}

function isForRunning(source) {
  return !/\.test\.|\.d\.ts|\.tsbuildinfo|\/(testing|bench|interop)$/.test(source);
}
