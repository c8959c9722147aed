// The desk's behaviours, each bound to data-attributes of the markup.
import "./htmx";
import "./act";
import "./autosave";
import "./composer";
import "./copy";
import "./dialog";
import "./fill";
import "./find";
import "./keys";
import "./live";
import "./menu";
import "./panes";
import "./presence";
import "./theme";
import "./times";
import "./toast";
import "./visit";
