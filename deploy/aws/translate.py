"""Translates the template as the service does, for tools that know no SAM: translate.py TEMPLATE OUT."""

import json
import os
import sys

from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse

os.environ.setdefault("AWS_DEFAULT_REGION", "eu-central-1")
PARAMETERS = {"Lanes": 16, "WarmInstances": 2, "AlarmTopic": "arn:aws:sns:eu-central-1:123456789012:alarms"}


class ManagedPolicies:
    """None is named by what it is called alone."""

    def load(self):
        return {}


with open(sys.argv[1], encoding="utf-8") as file:
    template = yaml_parse(file.read())
for resource in template["Resources"].values():
    properties = resource.get("Properties", {})
    if "CodeUri" in properties:
        # As it is after packaging.
        properties["CodeUri"] = "s3://bucket/" + os.path.basename(properties["CodeUri"])
translated = transform(template, PARAMETERS, ManagedPolicies())
with open(sys.argv[2], "w", encoding="utf-8") as file:
    json.dump(translated, file, indent=1)
