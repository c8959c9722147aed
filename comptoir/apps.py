"""Loading the desk: every package's actions are declared before the first page."""

from importlib import import_module
from pkgutil import iter_modules

from django.apps import AppConfig, apps
from django.utils.module_loading import module_has_submodule


class Desk(AppConfig):
    """The root package."""

    name = "comptoir"

    def ready(self) -> None:
        """Import each package's `actions`, so that what can be done and what falls due is known everywhere."""
        for config in apps.get_app_configs():
            is_ours = f"{config.name}.".startswith("comptoir.")  # the root too: its `actions` is the door's own package
            if is_ours and config.module and module_has_submodule(config.module, "actions"):
                module = import_module(f"{config.name}.actions")
                for found in iter_modules(getattr(module, "__path__", [])):
                    import_module(f"{module.__name__}.{found.name}")
