import { Button, NumberInput, Select, Stack, TagsInput, TextInput } from "@mantine/core";
import { useDebouncedValue, useDisclosure } from "@mantine/hooks";
import { useState } from "react";
import type { ApiKey, IssuedKey } from "../api/index.ts";
import { Empty, FormModal, Icon, PageHead, useAct, usePages } from "../parts/index.ts";
import { KeyRows, ShownOnce } from "./key-rows.tsx";

export function ApiKeys() {
  const [text, setText] = useState("");
  const [owner] = useDebouncedValue(text.trim(), 250);
  const list = usePages<ApiKey>("/api-keys", { owner });
  const [opened, { open, close }] = useDisclosure();
  const [issued, setIssued] = useState<IssuedKey>();
  return (
    <>
      <PageHead title="API keys" lead="What programs call with. A key is shown once, when it is made.">
        <Button leftSection={<Icon name="plus" />} onClick={open}>
          New key
        </Button>
      </PageHead>
      <TextInput
        aria-label="Keys of this owner only"
        placeholder="Owner: usr_… or cli_…"
        leftSection={<Icon name="search" />}
        value={text}
        onChange={({ currentTarget }) => setText(currentTarget.value)}
        mb="md"
        maw={420}
      />
      <KeyRows
        list={list}
        empty={
          <Empty title={owner === "" ? "No keys yet" : "No keys of this owner"} icon="key">
            {owner === "" ? "Make one for a program that calls your API." : "The whole id is needed. Take it from the page of the user."}
          </Empty>
        }
      />
      {opened && <NewKey onClose={close} onIssued={setIssued} />}
      <ShownOnce issued={issued} onClose={() => setIssued(undefined)} />
    </>
  );
}

const lives = [
  { value: "30d", label: "after 30 days" },
  { value: "90d", label: "after 90 days" },
  { value: "365d", label: "after a year" },
  { value: "", label: "never" },
];

function NewKey({ onClose, onIssued }: { readonly onClose: () => void; readonly onIssued: (issued: IssuedKey) => void }) {
  const act = useAct();
  const [name, setName] = useState("");
  const [owner, setOwner] = useState("");
  const [scopes, setScopes] = useState<string[]>([]);
  const [addresses, setAddresses] = useState<string[]>([]);
  const [life, setLife] = useState<string | null>("90d");
  const [perMinute, setPerMinute] = useState<number | string>("");
  const make = async () => {
    const body = {
      name,
      scopes,
      ...(owner.trim() === "" ? {} : { owner: owner.trim() }),
      ...(life === null || life === "" ? {} : { expires: life }),
      ...(addresses.length === 0 ? {} : { allowedAddresses: addresses }),
      ...(perMinute === "" ? {} : { rateLimit: `${perMinute}/1m` }),
    };
    onIssued(await act<IssuedKey>("POST", "/api-keys", { body }));
  };
  return (
    <FormModal title="New API key" opened onClose={onClose} action="Make key" job={make}>
      <Stack gap="sm">
        <TextInput
          label="Name"
          description="For people: what uses it."
          placeholder="ci-deploy"
          required
          value={name}
          onChange={({ currentTarget }) => setName(currentTarget.value)}
          data-autofocus
        />
        <TagsInput
          label="Scopes"
          description="What it may do. Press Enter after each."
          placeholder="posts:read"
          value={scopes}
          onChange={setScopes}
          splitChars={[",", " "]}
        />
        <Select label="Ends" data={lives} value={life} onChange={setLife} allowDeselect={false} />
        <TagsInput
          label="Addresses"
          description="Only from these addresses or ranges. Empty: from anywhere."
          placeholder="203.0.113.0/24"
          value={addresses}
          onChange={setAddresses}
          splitChars={[",", " "]}
        />
        <NumberInput
          label="Requests a minute"
          description="Empty: no limit of its own."
          min={1}
          allowDecimal={false}
          value={perMinute}
          onChange={setPerMinute}
          hideControls
        />
        <TextInput
          label="Owner"
          description="The id of a user or client. Empty: a program of its own."
          placeholder="usr_…"
          value={owner}
          onChange={({ currentTarget }) => setOwner(currentTarget.value)}
        />
      </Stack>
    </FormModal>
  );
}
